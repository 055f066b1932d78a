//! A closure on its way through a lane or a reader, its type forgotten, its caller waiting.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use crate::error::{Error, Result};

use super::tx::Tx;

pub(super) trait Work: Send {
    /// Runs the closure once more and keeps its answer; true when it succeeded.
    fn attempt(&mut self, tx: &mut Tx) -> bool;
    /// Replaces the answer by an error.
    fn refuse(&mut self, error: Error);
    /// The error that is the answer so far, for whoever must decide what to do about it.
    fn error(&self) -> Option<Error>;
    /// The answer so far, comparable.
    fn transcript(&self) -> String;
    /// Gives the answer to the caller.
    fn finish(self: Box<Self>);
    /// True when nobody waits any more; such work is not begun.
    fn is_abandoned(&self) -> bool;
    fn name(&self) -> &'static str;
}

pub(super) struct Closure<F, T> {
    name: &'static str,
    run: F,
    answer: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Closure<F, T> {
    pub(super) fn new(name: &'static str, run: F) -> (Closure<F, T>, oneshot::Receiver<Result<T>>) {
        let (reply, answer) = oneshot::channel();
        (Closure { name, run, answer: None, reply }, answer)
    }
}

impl<F, T> Work for Closure<F, T>
where
    F: Fn(&mut Tx) -> Result<T> + Send,
    T: Debug + Send,
{
    fn attempt(&mut self, tx: &mut Tx) -> bool {
        let ran = catch_unwind(AssertUnwindSafe(|| (self.run)(tx)));
        let answer = ran.unwrap_or_else(|panic| Err(panicked(self.name(), panic.as_ref())));
        let succeeded = answer.is_ok();
        self.answer = Some(answer);
        succeeded
    }

    fn refuse(&mut self, error: Error) {
        self.answer = Some(Err(error));
    }

    fn error(&self) -> Option<Error> {
        match &self.answer {
            Some(Err(error)) => Some(error.again()),
            _ => None,
        }
    }

    fn transcript(&self) -> String {
        format!("{:?}", self.answer)
    }

    fn finish(self: Box<Self>) {
        let unanswered = || Err(Error::broken("unanswered", "The database gave no answer."));
        // A caller that is gone needs no answer; the work is done all the same.
        drop(self.reply.send(self.answer.unwrap_or_else(unanswered)));
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn name(&self) -> &'static str {
        self.name
    }
}

/// The name of a transaction, made from the type of its closure:
/// `hearth_hub::house::members::http::create::{{closure}}::{{closure}}` → `house::members::http::create`.
pub(super) fn transaction_name(path: &'static str) -> &'static str {
    let path = path.split_once("::{{closure}}").map_or(path, |(function, _)| function);
    path.strip_prefix("hearth_hub::").unwrap_or(path)
}

fn panicked(name: &str, panic: &(dyn std::any::Any + Send)) -> Error {
    let said = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Error::broken("panicked", "Something broke inside; it has been noted.")
        .because(format!("{name} panicked: {said}"))
}

#[cfg(test)]
mod tests {
    use super::transaction_name;

    #[test]
    fn names_come_from_the_function_that_holds_the_closure() {
        let path = "hearth_hub::house::http::create::{{closure}}::{{closure}}";
        assert_eq!(transaction_name(path), "house::http::create");
        assert_eq!(transaction_name("hearth_hub::x"), "x");
    }
}
