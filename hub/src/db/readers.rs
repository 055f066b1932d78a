//! Readers: threads that own a connection which cannot write. Each closure sees one state of the
//! database from its first statement to its last.

use std::sync::Arc;

use crate::clock::{self, Clock};
use crate::error::Error;
use crate::telemetry::Metrics;

use super::engine::{Cause, Connect, Failure};
use super::lane::{self, Job};
use super::queue::Queue;
use super::tx::{Stamp, Tx};

pub(super) struct Reader {
    tx: Tx,
    queue: Arc<Queue<Job>>,
    clock: Clock,
    metrics: Arc<Metrics>,
}

impl Reader {
    pub(super) fn open(
        connect: &dyn Connect,
        queue: Arc<Queue<Job>>,
        options: &super::Options,
    ) -> Result<Reader, Failure> {
        let tx = Tx::new(connect.reader()?);
        Ok(Reader { tx, queue, clock: options.clock.clone(), metrics: options.metrics.clone() })
    }

    pub(super) fn serve(mut self) {
        while let Some(mut job) = self.queue.take() {
            if job.work.is_abandoned() {
                continue;
            }
            let _busy = self.metrics.database.reading();
            let now = self.clock.now();
            let stamp =
                Stamp { actor: job.actor, now, ordinal: 0, seed: clock::random(), request: job.request };
            if let Err(error) = self.read(job.work.as_mut(), &stamp) {
                job.work.refuse(error);
            }
            lane::note(job.work.as_ref(), job.queued, 0, stamp.request.as_ref(), &self.metrics);
            job.work.finish();
        }
    }

    /// Runs the closure; once more when the connection turns out to have gone while nobody looked.
    fn read(&mut self, work: &mut dyn super::work::Work, stamp: &Stamp) -> Result<(), Error> {
        for last in [false, true] {
            self.tx.reset(stamp);
            self.tx.forget();
            let begun = self.tx.session().ensure().and_then(|()| self.tx.session().begin_read());
            match begun {
                Ok(()) => {
                    work.attempt(&mut self.tx);
                    self.tx.session().rollback();
                    if last || !(self.tx.lost_connection() || self.tx.wants_retry()) {
                        return Ok(());
                    }
                }
                Err(failure) if failure.cause == Cause::Gone && !last => {}
                Err(failure) => return Err(failure.error),
            }
        }
        Ok(())
    }
}
