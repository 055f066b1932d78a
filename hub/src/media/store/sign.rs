//! How a request to a bucket proves who sends it: AWS Signature Version 4, as far as it is needed.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest, Sha256};

use crate::auth::hex;

/// The digest of nothing, for requests without a body.
pub(super) const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A request, as far as it is signed.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) host: &'a str,
    /// As it is sent: every odd character escaped.
    pub(super) path: &'a str,
    /// As it is sent: names in their order, every odd character escaped.
    pub(super) query: &'a str,
    /// SHA-256 of the body.
    pub(super) digest: &'a str,
    /// Such as `20261120T180000Z`.
    pub(super) time: &'a str,
}

/// What the `Authorization` header says.
pub(super) fn authorization(request: &Request<'_>, region: &str, id: &str, secret: &str) -> String {
    let day = request.time.get(..8).unwrap_or_default();
    let scope = format!("{day}/{region}/s3/aws4_request");
    let signed = "host;x-amz-content-sha256;x-amz-date";
    let canonical = format!(
        "{}\n{}\n{}\nhost:{}\nx-amz-content-sha256:{}\nx-amz-date:{}\n\n{signed}\n{}",
        request.method,
        request.path,
        request.query,
        request.host,
        request.digest,
        request.time,
        request.digest
    );
    let digest = hex(&Sha256::digest(canonical.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{digest}", request.time);
    let mut key = mac(format!("AWS4{secret}").as_bytes(), day);
    for part in [region, "s3", "aws4_request"] {
        key = mac(&key, part);
    }
    let signature = hex(&mac(&key, &to_sign));
    format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={signed}, Signature={signature}")
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Escapes everything but letters, digits and `-._~`; and the slash, in a path.
pub(super) fn escaped(text: &str, keep: &str) -> String {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.as_bytes().contains(&byte);
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match plain(byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Amazon's own documentation for listing a bucket.
    #[test]
    fn a_request_is_signed_as_the_documentation_has_it() {
        let request = Request {
            method: "GET",
            host: "examplebucket.s3.amazonaws.com",
            path: "/",
            query: "max-keys=2&prefix=J",
            digest: EMPTY,
            time: "20130524T000000Z",
        };
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let header = authorization(&request, "us-east-1", "AKIAIOSFODNN7EXAMPLE", secret);
        let signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
        assert!(header.ends_with(signature), "{header}");
        assert!(header.starts_with(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        ));
    }

    #[test]
    fn odd_characters_are_escaped() {
        assert_eq!(escaped("media/a b+ü~", "/"), "media/a%20b%2B%C3%BC~");
        assert_eq!(escaped("media/x", ""), "media%2Fx");
    }
}
