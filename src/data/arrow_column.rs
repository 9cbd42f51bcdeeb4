//! Columns that grow array by array, from the typed values of Parquet and Arrow files.

use polars_arrow::array::{
    Array, BinaryArray, BinaryViewArray, BooleanArray, DictionaryArray, FixedSizeBinaryArray,
    FixedSizeListArray, ListArray, PrimitiveArray, StructArray, Utf8Array, Utf8ViewArray,
};
use polars_arrow::datatypes::{ArrowDataType, Field, TimeUnit};
use polars_arrow::types::NativeType;

use super::blobs::BlobRows;
use super::cell::TimeFormat;
use super::problem::{DataProblem, Problems, Severity};
use super::texts::Texts;
use crate::domain::{Column, Values};

/// Whole numbers beyond these have no exact f64.
const EXACT: i128 = 1 << 53;

/// A column under construction.
pub(super) struct ArrowColumn {
    name: String,
    grown: Grown,
    problems: Problems,
}

enum Grown {
    Numbers(Vec<f64>),
    /// Microseconds since the epoch.
    Times(Vec<Option<i64>>),
    Texts(Texts),
    Bytes(BlobRows),
}

impl ArrowColumn {
    /// An empty column for the field's type; the fault says why a type has no column.
    pub fn new(field: &Field) -> Result<Self, DataProblem> {
        use ArrowDataType as T;
        let name = field.name.to_string();
        let grown = match field.dtype().to_storage() {
            T::Timestamp(..) | T::Date32 | T::Date64 => Grown::Times(Vec::new()),
            T::Utf8 | T::LargeUtf8 | T::Utf8View | T::Boolean => Grown::Texts(Texts::default()),
            T::Dictionary(_, values, _)
                if matches!(**values, T::Utf8 | T::LargeUtf8 | T::Utf8View) =>
            {
                Grown::Texts(Texts::default())
            }
            T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => {
                Grown::Bytes(BlobRows::default())
            }
            T::List(inner) | T::LargeList(inner) | T::FixedSizeList(inner, _)
                if is_integer(inner.dtype()) =>
            {
                Grown::Bytes(BlobRows::default())
            }
            T::Struct(parts) if is_record_of_picture(parts) => Grown::Bytes(BlobRows::default()),
            dtype if is_number(dtype) => Grown::Numbers(Vec::new()),
            dtype => {
                let message = format!("{} are not read; the column is left out", plural(dtype));
                return Err(DataProblem::of_column(Severity::Warning, &name, message));
            }
        };
        Ok(Self { name, grown, problems: Problems::default() })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn rows(&self) -> usize {
        match &self.grown {
            Grown::Numbers(values) => values.len(),
            Grown::Times(values) => values.len(),
            Grown::Texts(texts) => texts.len(),
            Grown::Bytes(blobs) => blobs.len(),
        }
    }

    /// About how many bytes the column takes.
    pub fn bytes(&self) -> usize {
        match &self.grown {
            Grown::Numbers(values) => values.len() * size_of::<f64>(),
            Grown::Times(values) => values.len() * size_of::<Option<i64>>(),
            Grown::Texts(texts) => texts.bytes(),
            Grown::Bytes(blobs) => blobs.bytes(),
        }
    }

    /// Appends the array's values.
    ///
    /// # Errors
    /// If the array is not of the type that the file promised.
    pub fn extend(&mut self, array: &dyn Array) -> Result<(), String> {
        // A column of integers may have turned to texts.
        if let Some(integers) = integers(array) {
            self.extend_integers(integers);
            return Ok(());
        }
        let added = match &mut self.grown {
            Grown::Times(values) => times(array).map(|times| values.extend(times)),
            // As in a CSV file, nothing is no text.
            Grown::Texts(known) => {
                texts(array, &mut |text| known.push(text.filter(|text| !text.is_empty())))
            }
            Grown::Bytes(_) if is_list_type(array.dtype()) => self.extend_lists(array),
            Grown::Bytes(known) => {
                let mut push = |bytes: Option<&[u8]>| known.push(bytes.unwrap_or_default());
                match pictures(array) {
                    Some(pictures) => blobs(pictures.as_ref(), &mut push),
                    None => blobs(array, &mut push),
                }
            }
            Grown::Numbers(_) => numbers(array).map(|numbers| self.extend_numbers(numbers)),
        };
        added.ok_or_else(|| self.unexpected(array))
    }

    fn unexpected(&self, array: &dyn Array) -> String {
        format!("column `{}` suddenly holds {}", self.name, plural(array.dtype()))
    }

    fn extend_numbers(&mut self, numbers: Box<dyn Iterator<Item = Option<f64>> + '_>) {
        let Grown::Numbers(values) = &mut self.grown else { return };
        for number in numbers {
            let number = number.unwrap_or(f64::NAN);
            if number.is_infinite() {
                let row = values.len() + 1;
                self.problems.repeated("infinite values", row, Some(&self.name), || {
                    format!("{number} is no finite number; it counts as missing")
                });
                values.push(f64::NAN);
            } else {
                values.push(number);
            }
        }
    }

    fn extend_integers(&mut self, integers: Box<dyn Iterator<Item = Option<i128>> + '_>) {
        for integer in integers {
            if integer.is_some_and(|x| x.abs() > EXACT) {
                self.turn_to_texts();
            }
            match &mut self.grown {
                Grown::Numbers(values) => {
                    values.push(integer.map_or(f64::NAN, |x| x as f64));
                }
                Grown::Texts(texts) => texts.push(integer.map(|x| x.to_string()).as_deref()),
                Grown::Times(values) => values.push(None),
                Grown::Bytes(blobs) => blobs.push(&[]),
            }
        }
    }

    /// Lists of whole numbers from 0 to 255 are bytes, such as the pixels of an image.
    fn extend_lists(&mut self, array: &dyn Array) -> Option<()> {
        let Grown::Bytes(rows) = &mut self.grown else { return None };
        let (name, problems) = (&self.name, &mut self.problems);
        lists(array, &mut |list| {
            let bytes = list.map(|list| {
                integers(list)?.map(|x| u8::try_from(x?).ok()).collect::<Option<Vec<u8>>>()
            });
            if let Some(None) = bytes {
                problems.repeated("odd lists", rows.len() + 1, Some(name), || {
                    "A list holds something else than whole numbers from 0 to 255; it counts as \
                     missing"
                        .to_owned()
                });
            }
            rows.push(&bytes.flatten().unwrap_or_default());
        })
    }

    /// Numbers of more than 15 digits are names of things, and two of them must not become one.
    fn turn_to_texts(&mut self) {
        let Grown::Numbers(values) = &self.grown else { return };
        let mut texts = Texts::default();
        for value in values {
            texts.push((!value.is_nan()).then(|| value.to_string()).as_deref());
        }
        self.grown = Grown::Texts(texts);
        let message = "Some numbers have more than 15 digits, which a number would lose; the \
                       column is read as text";
        self.problems.push(DataProblem::of_column(Severity::Note, &self.name, message));
    }

    pub fn finish(mut self) -> (Column, Vec<DataProblem>) {
        let values = match self.grown {
            Grown::Numbers(values) => Values::Number(values),
            Grown::Times(values) => Values::Time(values),
            Grown::Texts(texts) => texts.into_values(),
            Grown::Bytes(blobs) => blobs.into_values(),
        };
        let values = match times_written_as_texts(&values) {
            Some(times) => {
                let message = "All texts are times, so they are read as times";
                let note = DataProblem::of_column(Severity::Note, &self.name, message);
                self.problems.push(note);
                times
            }
            None => values,
        };
        (Column { name: self.name, values }, self.problems.into_list())
    }
}

/// Whether records of these parts are pictures, as Hugging Face's `datasets` writes them: `bytes` of a
/// file, and its `path`.
fn is_record_of_picture(parts: &[Field]) -> bool {
    use ArrowDataType as T;
    let is_text = |part: &Field| matches!(part.dtype(), T::Utf8 | T::LargeUtf8 | T::Utf8View);
    parts.iter().any(is_picture) && parts.iter().all(|part| is_picture(part) || is_text(part))
}

fn is_picture(part: &Field) -> bool {
    use ArrowDataType as T;
    part.name == "bytes" && matches!(part.dtype(), T::Binary | T::LargeBinary | T::BinaryView)
}

/// The bytes of records with pictures, none where there is no record.
fn pictures(array: &dyn Array) -> Option<Box<dyn Array>> {
    let records = array.as_any().downcast_ref::<StructArray>()?;
    let place = records.fields().iter().position(is_picture)?;
    let bytes = records.values().get(place)?;
    let valid = match (records.validity(), bytes.validity()) {
        (Some(record), Some(bytes)) => Some(record & bytes),
        (record, bytes) => record.or(bytes).cloned(),
    };
    Some(bytes.with_validity(valid))
}

/// Whether the field's rows are lists.
pub(super) fn is_list(field: &Field) -> bool {
    is_list_type(field.dtype())
}

fn is_list_type(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    matches!(dtype.to_storage(), T::List(_) | T::LargeList(_) | T::FixedSizeList(..))
}

fn is_integer(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    matches!(
        dtype,
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64
    )
}

fn is_number(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    is_integer(dtype)
        || matches!(
            dtype,
            T::Float32
                | T::Float64
                | T::Decimal(..)
                | T::Null
                | T::Duration(_)
                | T::Time32(_)
                | T::Time64(_)
        )
}

/// Many programs write times as texts; these are times if every one of them is.
fn times_written_as_texts(values: &Values) -> Option<Values> {
    let Values::Text { codes, dictionary } = values else { return None };
    let first = dictionary.first()?;
    let mut formats = TimeFormat::ALL.into_iter().filter(|format| format.parse(first).is_some());
    let times: Vec<i64> =
        formats.find_map(|format| dictionary.iter().map(|text| format.parse(text)).collect())?;
    Some(Values::Time(codes.iter().map(|code| times.get(*code as usize).copied()).collect()))
}

/// What a message calls values of a type that is not read.
fn plural(dtype: &ArrowDataType) -> &'static str {
    use ArrowDataType as T;
    match dtype.to_storage() {
        T::List(_) | T::LargeList(_) | T::FixedSizeList(..) => "Lists inside a row",
        T::Struct(_) | T::Map(..) | T::Union(_) => "Records inside a row",
        T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => "raw bytes",
        T::Dictionary(..) => "Categories that are not texts",
        T::Interval(_) => "Calendar intervals",
        _ => "Values of this type",
    }
}

fn primitive<T: NativeType>(array: &dyn Array) -> Option<impl Iterator<Item = Option<T>>> {
    let array = array.as_any().downcast_ref::<PrimitiveArray<T>>()?;
    Some(array.iter().map(Option::<&T>::copied))
}

fn mapped<'a, T: NativeType, U: 'a>(
    array: &'a dyn Array,
    to: impl Fn(T) -> U + 'a,
) -> Option<Box<dyn Iterator<Item = Option<U>> + 'a>> {
    Some(Box::new(primitive::<T>(array)?.map(move |value| value.map(&to))))
}

fn integers(array: &dyn Array) -> Option<Box<dyn Iterator<Item = Option<i128>> + '_>> {
    use ArrowDataType as T;
    match array.dtype().to_storage() {
        T::Int8 => mapped::<i8, _>(array, i128::from),
        T::Int16 => mapped::<i16, _>(array, i128::from),
        T::Int32 => mapped::<i32, _>(array, i128::from),
        T::Int64 => mapped::<i64, _>(array, i128::from),
        T::UInt8 => mapped::<u8, _>(array, i128::from),
        T::UInt16 => mapped::<u16, _>(array, i128::from),
        T::UInt32 => mapped::<u32, _>(array, i128::from),
        T::UInt64 => mapped::<u64, _>(array, i128::from),
        _ => None,
    }
}

/// Numbers that are no integers; lengths of time and times of day in seconds.
fn numbers(array: &dyn Array) -> Option<Box<dyn Iterator<Item = Option<f64>> + '_>> {
    use ArrowDataType as T;
    match array.dtype().to_storage() {
        T::Null => Some(Box::new(std::iter::repeat_n(None, array.len()))),
        T::Float32 => mapped::<f32, _>(array, f64::from),
        T::Float64 => mapped::<f64, _>(array, |x| x),
        T::Decimal(_, scale) => {
            let unit = 10_f64.powi(i32::try_from(*scale).ok()?);
            mapped::<i128, _>(array, move |x| x as f64 / unit)
        }
        T::Duration(unit) | T::Time64(unit) => {
            let per_second = per_second(*unit);
            mapped::<i64, _>(array, move |x| x as f64 / per_second)
        }
        T::Time32(unit) => {
            let per_second = per_second(*unit);
            mapped::<i32, _>(array, move |x| f64::from(x) / per_second)
        }
        _ => None,
    }
}

fn per_second(unit: TimeUnit) -> f64 {
    match unit {
        TimeUnit::Second => 1.0,
        TimeUnit::Millisecond => 1e3,
        TimeUnit::Microsecond => 1e6,
        TimeUnit::Nanosecond => 1e9,
    }
}

fn times(array: &dyn Array) -> Option<Box<dyn Iterator<Item = Option<i64>> + '_>> {
    const DAY: i64 = 86_400_000_000;
    use ArrowDataType as T;
    // Times so far off that they overflow are no times.
    let checked = |factor: i64| {
        mapped::<i64, _>(array, move |x| x.checked_mul(factor))
            .map(|times| Box::new(times.map(Option::flatten)) as Box<dyn Iterator<Item = _>>)
    };
    match array.dtype().to_storage() {
        T::Timestamp(TimeUnit::Second, _) => checked(1_000_000),
        T::Timestamp(TimeUnit::Millisecond, _) | T::Date64 => checked(1_000),
        T::Timestamp(TimeUnit::Microsecond, _) => checked(1),
        T::Timestamp(TimeUnit::Nanosecond, _) => mapped::<i64, _>(array, |x| x.div_euclid(1_000)),
        T::Date32 => mapped::<i32, _>(array, |days| i64::from(days) * DAY),
        _ => None,
    }
}

/// Gives every text to `take`; `None` if there are no texts in the array.
fn texts(array: &dyn Array, take: &mut dyn FnMut(Option<&str>)) -> Option<()> {
    use ArrowDataType as T;
    let any = array.as_any();
    match array.dtype().to_storage() {
        T::Boolean => {
            let words = |value| if value { "true" } else { "false" };
            any.downcast_ref::<BooleanArray>()?.iter().for_each(|value| take(value.map(words)));
        }
        T::Utf8 => any.downcast_ref::<Utf8Array<i32>>()?.iter().for_each(take),
        T::LargeUtf8 => any.downcast_ref::<Utf8Array<i64>>()?.iter().for_each(take),
        T::Utf8View => any.downcast_ref::<Utf8ViewArray>()?.iter().for_each(take),
        T::Dictionary(..) => return categories(array, take),
        _ => return None,
    }
    Some(())
}

/// Gives every row's list to `take`; `None` if there are no lists in the array.
fn lists(array: &dyn Array, take: &mut dyn FnMut(Option<&dyn Array>)) -> Option<()> {
    use ArrowDataType as T;
    let any = array.as_any();
    let mut each = |list: Option<Box<dyn Array>>| take(list.as_deref());
    match array.dtype().to_storage() {
        T::List(_) => any.downcast_ref::<ListArray<i32>>()?.iter().for_each(&mut each),
        T::LargeList(_) => any.downcast_ref::<ListArray<i64>>()?.iter().for_each(&mut each),
        T::FixedSizeList(..) => {
            any.downcast_ref::<FixedSizeListArray>()?.iter().for_each(&mut each);
        }
        _ => return None,
    }
    Some(())
}

/// Gives every value's bytes to `take`; `None` if there are no bytes in the array.
fn blobs(array: &dyn Array, take: &mut dyn FnMut(Option<&[u8]>)) -> Option<()> {
    use ArrowDataType as T;
    let any = array.as_any();
    match array.dtype().to_storage() {
        T::Binary => any.downcast_ref::<BinaryArray<i32>>()?.iter().for_each(take),
        T::LargeBinary => any.downcast_ref::<BinaryArray<i64>>()?.iter().for_each(take),
        T::BinaryView => any.downcast_ref::<BinaryViewArray>()?.iter().for_each(take),
        T::FixedSizeBinary(_) => {
            any.downcast_ref::<FixedSizeBinaryArray>()?.iter().for_each(take);
        }
        _ => return None,
    }
    Some(())
}

fn categories(array: &dyn Array, take: &mut dyn FnMut(Option<&str>)) -> Option<()> {
    macro_rules! with_keys {
        ($($key:ty),*) => {
            $(if let Some(array) = array.as_any().downcast_ref::<DictionaryArray<$key>>() {
                let mut words: Vec<Option<String>> = Vec::new();
                let values = array.values().as_ref();
                // A dictionary of dictionaries would be no end.
                if matches!(values.dtype(), ArrowDataType::Dictionary(..)) {
                    return None;
                }
                texts(values, &mut |text| words.push(text.map(str::to_owned)))?;
                for key in array.keys_iter() {
                    take(key.and_then(|key| words.get(key)?.as_deref()));
                }
                return Some(());
            })*
        };
    }
    with_keys!(i8, i16, i32, i64, u8, u16, u32, u64);
    None
}
