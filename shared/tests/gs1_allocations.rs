//! Reading a message allocates nothing. An allocator that counts says so.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use hearth_shared::gs1::{Context, Date, parse};

/// The allocator of the system, counting for each thread.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// An allocator cannot be written without `unsafe`; this one hands everything on.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = COUNT.with(Cell::get);
    work();
    COUNT.with(Cell::get) - before
}

#[test]
fn reading_allocates_nothing() {
    let context = Context::on(Date::new(2026, 11, 20).unwrap());
    let messages: [&[u8]; 14] = [
        b"]d201095011015300031725011910AB-123",
        b"]d2010950110153000331030012501525011910AB-123\x1d21SERIAL-12345",
        b"]E04006381333931",
        b"]E04006381333931|]e010AB",
        b"4006381333931",
        b"02345673",
        b"950110153000395219",
        b"(01)09501101530003(10)A\\(B",
        b"https://example.org/01/09501101530003/10/A%2FB?17=250119",
        b"3034257BF7194E4000001A85",
        b"urn:epc:id:sgtin:0614141.812345.6789",
        b"10ABC17250119",
        b"2012345628757",
        b"Plums 2026",
    ];
    for message in messages {
        let count = allocations(|| {
            let scan = parse(message, &context);
            assert!(scan.is_accepted());
            let _ = (scan.gtin(), scan.batch(), scan.serial(), scan.expiry(), scan.measure(), scan.price());
            let _ = (
                scan.origins().count(),
                scan.warnings().count(),
                scan.in_store(),
                scan.other_readings().count(),
            );
        });
        assert_eq!(count, 0, "{}", String::from_utf8_lossy(message));
    }
}

/// Refusing allocates nothing either; and the count does count.
#[test]
fn refusing_allocates_nothing() {
    let context = Context::on(Date::new(2026, 11, 20).unwrap());
    for message in
        [&b"]d20109501101530004"[..], b"]d204", b"https://example.org/x", b"(10)", b"]XX", &[b'0'; 9000]]
    {
        let count = allocations(|| assert!(!parse(message, &context).is_accepted()));
        assert_eq!(count, 0, "{}", String::from_utf8_lossy(message));
    }
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1);
}
