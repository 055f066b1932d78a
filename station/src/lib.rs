//! The scanning station. Its core (decoding keys, modes, the queue) is not part of this version yet.
