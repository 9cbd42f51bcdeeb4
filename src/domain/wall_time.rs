//! Real moments in files: text for people, nanoseconds since 1970 in compact encodings.

use jiff::Timestamp;
use serde::{Deserialize as _, Deserializer, Serializer, de};

pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.collect_str(at)
    } else {
        serializer.serialize_i128(at.as_nanosecond())
    }
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    if deserializer.is_human_readable() {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    } else {
        Timestamp::from_nanosecond(i128::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
