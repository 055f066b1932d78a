//! Why a live connection ends. Below 4500 a client comes back by itself, from 4500 on it stops and
//! says why.

/// A WebSocket close code with its reason for people who read logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    pub reason: &'static str,
}

impl Close {
    pub const RESTART: Close = Close { code: 1001, reason: "restarting" };
    pub const SLOW: Close = Close { code: 4008, reason: "too slow" };
    pub const HEARTBEAT: Close = Close { code: 4009, reason: "no answer to a ping" };
    pub const POSITION: Close = Close { code: 4010, reason: "position lost" };
    pub const EXPIRED: Close = Close { code: 4011, reason: "credentials expired" };
    pub const CHATTY: Close = Close { code: 4029, reason: "too many messages" };
    pub const CREDENTIALS: Close = Close { code: 4500, reason: "bad credentials" };
    pub const MALFORMED: Close = Close { code: 4501, reason: "malformed message" };
    pub const FORBIDDEN: Close = Close { code: 4503, reason: "forbidden" };
    pub const CROWDED: Close = Close { code: 4504, reason: "too many sockets" };
}
