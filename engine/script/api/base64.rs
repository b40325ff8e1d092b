//! `base64::…`: text as EC2 wants user data, and console output as EC2 returns it.

use aws_smithy_types::base64;
use rhai::Module;

use super::primitive::{Primitive, primitive};
use crate::api::register::function;
use crate::fault;
use crate::host::Scripted;

pub(super) const FUNCTIONS: &[Primitive] = &[
    primitive(
        "encode",
        &["text"],
        "Returns a text's UTF-8 bytes in base64, on one line.",
    ),
    primitive(
        "decode",
        &["text"],
        "Returns the text that base64 encodes; line breaks are ignored, and bytes that are not UTF-8 become `\u{fffd}`.\n\nError `InvalidBase64`: the text is not base64.",
    ),
];

pub(super) fn module() -> Module {
    let mut module = Module::new();
    function(&mut module, "encode", |text: &str| Ok(base64::encode(text)));
    function(&mut module, "decode", decode);
    module
}

fn decode(text: &str) -> Scripted<String> {
    let packed: String = text.split_whitespace().collect();
    let bytes = base64::decode(packed).map_err(|error| {
        fault::error("InvalidBase64", format!("the text is not base64: {error}"))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_again() {
        for text in ["", "a", "#!/bin/bash\nset -u\n", "prüfen ✓"] {
            assert_eq!(decode(&base64::encode(text)).unwrap(), text);
        }
        assert_eq!(base64::encode("ab"), "YWI=");
    }

    #[test]
    fn broken_lines_and_bytes_are_read_and_other_texts_are_not() {
        assert_eq!(decode("YW\nI=\n").unwrap(), "ab");
        assert_eq!(decode("/w==").unwrap(), "\u{fffd}");
        let error = decode("a!").unwrap_err();
        assert!(error.to_string().contains("not base64"), "{error}");
    }
}
