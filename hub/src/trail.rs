//! The trail of a request: its id, which goes along wherever the request leads.
//!
//! The guard gives each request an id and runs it [`within`] that id. Whatever is asked of the database
//! meanwhile takes the id along ([`current`]), so the lines about its transaction and its events carry it;
//! work that is done later keeps it and is run within it again.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

tokio::task_local! {
    static TRAIL: RequestId;
}

/// The id of a request: in the log, in problem documents and in the answer's `X-Request-Id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// A new one.
    pub fn draw() -> RequestId {
        RequestId(crate::auth::hex(&crate::clock::random::<8>()).into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Runs something in the name of a request.
pub async fn within<F: Future>(id: RequestId, work: F) -> F::Output {
    TRAIL.scope(id, work).await
}

/// Runs something in the name of the request that asked for it earlier; an empty id is nobody's.
pub fn follow<F: Future>(id: &str, work: F) -> impl Future<Output = F::Output> + use<F> {
    let id = (!id.is_empty()).then(|| RequestId(id.into()));
    async move {
        match id {
            Some(id) => within(id, work).await,
            None => work.await,
        }
    }
}

/// The request in whose name this runs, if it is one.
pub fn current() -> Option<RequestId> {
    TRAIL.try_with(Clone::clone).ok()
}

/// As a log field: the id, or a dash for what the hub does of its own accord.
pub fn field(id: Option<&RequestId>) -> &str {
    id.map_or("-", RequestId::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_holds_inside_and_not_beside() {
        crate::testing::hub::run(async {
            assert_eq!(current(), None);
            let id = RequestId::draw();
            let (inside, beside) = within(id.clone(), async {
                let beside = tokio::spawn(async { current() }).await.expect("it ends");
                (current(), beside)
            })
            .await;
            assert_eq!((inside, beside), (Some(id), None));
            assert_ne!(RequestId::draw(), RequestId::draw());
            let later = follow("kept", async { current() }).await;
            assert_eq!(later.as_ref().map(RequestId::as_str), Some("kept"));
            assert_eq!(follow("", async { current() }).await, None);
        });
    }
}
