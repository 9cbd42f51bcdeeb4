//! Python's pickles as far as `torch.save` needs them for a dictionary of tensors. Objects are only
//! described, never made: a class is a name, and a call is remembered or forgotten.

use std::collections::HashMap;

use safetensors::Dtype;

use super::strided::Strided;

/// A tensor of the archive.
pub(super) struct Listed {
    /// The name of the file that holds its numbers.
    pub storage: String,
    pub place: Strided,
}

/// An object, as much of it as matters. Others are named by their places in the list of all, so
/// neither sharing nor depth costs anything.
enum Object {
    /// Something that is not needed.
    Other,
    Whole(i64),
    Text(String),
    /// `module name` of a class or function.
    Global(String),
    Sequence(Vec<usize>),
    Dictionary(Vec<(usize, usize)>),
    Storage {
        dtype: Option<Dtype>,
        key: String,
    },
    Tensor {
        storage: usize,
        offset: i64,
        shape: Vec<i64>,
        strides: Vec<i64>,
    },
}

/// The tensors of a pickled dictionary, by name.
///
/// # Errors
/// If the pickle is damaged, or is no dictionary of tensors.
pub(super) fn tensors(bytes: &[u8]) -> Result<Vec<(String, Listed)>, String> {
    let mut machine = Machine {
        rest: bytes,
        objects: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
    };
    let top = machine.run()?;
    let mut entries = machine.entries(top);
    // Checkpoints keep the weights under a name beside the optimiser's numbers.
    let mut names = ["state_dict", "model_state_dict", "model"].into_iter();
    let inner = names.find_map(|name| entries.iter().find(|(known, _)| known == name));
    if let Some(&(_, place)) = inner {
        entries = machine.entries(place);
    }
    let mut found = Vec::new();
    for (name, place) in entries {
        if let Some(listed) = machine.listed(place) {
            found.push((name, listed));
        }
    }
    if found.is_empty() {
        return Err(
            "The weights are no dictionary of tensors, perhaps a whole model, which would \
                    have to be executed; save them with \
                    `safetensors.torch.save_file(model.state_dict(), \"model.safetensors\")`"
                .to_owned(),
        );
    }
    Ok(found)
}

/// The stack machine that a pickle is a program for.
struct Machine<'a> {
    rest: &'a [u8],
    objects: Vec<Object>,
    stack: Vec<usize>,
    marks: Vec<usize>,
    memo: HashMap<u32, usize>,
}

const CUT: &str = "The weights' pickle was cut short or is damaged";

impl Machine<'_> {
    /// Runs to the end; gives the place of the result.
    fn run(&mut self) -> Result<usize, String> {
        loop {
            let code = self.fixed::<1>()?;
            match code[0] {
                b'.' => return self.pop(),
                code => self.step(code)?,
            }
        }
    }

    fn step(&mut self, code: u8) -> Result<(), String> {
        match code {
            // Protocol and frames say nothing of the content.
            0x80 => _ = self.fixed::<1>()?,
            0x95 => _ = self.fixed::<8>()?,
            b'(' => self.marks.push(self.stack.len()),
            b'N' | 0x88 | 0x89 => self.push(Object::Other),
            b'K' => {
                let [byte] = self.fixed()?;
                self.push(Object::Whole(i64::from(byte)));
            }
            b'M' => {
                let number = u16::from_le_bytes(self.fixed()?);
                self.push(Object::Whole(i64::from(number)));
            }
            b'J' => {
                let number = i32::from_le_bytes(self.fixed()?);
                self.push(Object::Whole(i64::from(number)));
            }
            0x8a => self.long()?,
            b'G' => {
                self.fixed::<8>()?;
                self.push(Object::Other);
            }
            b'X' | b'T' | b'B' => {
                let length = u32::from_le_bytes(self.fixed()?);
                self.text(length as usize)?;
            }
            0x8c | b'U' | b'C' => {
                let [length] = self.fixed()?;
                self.text(usize::from(length))?;
            }
            b'}' => self.push(Object::Dictionary(Vec::new())),
            b']' | b')' => self.push(Object::Sequence(Vec::new())),
            0x85..=0x87 => self.tuple(usize::from(code - 0x84))?,
            b't' | b'l' => {
                let items = self.since_mark()?;
                self.push(Object::Sequence(items));
            }
            b'q' => {
                let [name] = self.fixed()?;
                self.remember(u32::from(name))?;
            }
            b'r' => {
                let name = u32::from_le_bytes(self.fixed()?);
                self.remember(name)?;
            }
            0x94 => self.remember(self.memo.len() as u32)?,
            b'h' => {
                let [name] = self.fixed()?;
                self.recall(u32::from(name))?;
            }
            b'j' => {
                let name = u32::from_le_bytes(self.fixed()?);
                self.recall(name)?;
            }
            b'0' => _ = self.pop()?,
            other => self.step_of_objects(other)?,
        }
        Ok(())
    }

    /// The codes that make objects out of others.
    fn step_of_objects(&mut self, code: u8) -> Result<(), String> {
        match code {
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.push(Object::Global(format!("{module} {name}")));
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let global = format!("{} {}", self.text_of(module), self.text_of(name));
                self.push(Object::Global(global));
            }
            b'Q' => {
                let identity = self.pop()?;
                let storage = self.storage(identity);
                self.push(storage);
            }
            b'R' | 0x81 => {
                let (arguments, callee) = (self.pop()?, self.pop()?);
                self.call(callee, arguments);
            }
            // What is put into an object later, such as the metadata of a state dict.
            b'b' => _ = self.pop()?,
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.put(&[key, value])?;
            }
            b'u' => {
                let items = self.since_mark()?;
                self.put(&items)?;
            }
            b'a' => _ = self.pop()?,
            b'e' => _ = self.since_mark()?,
            other => {
                return Err(format!(
                    "The weights' pickle has the code {other:#04x}, which state dicts do not need; \
                     save them with the safetensors library"
                ));
            }
        }
        Ok(())
    }

    fn push(&mut self, object: Object) {
        self.stack.push(self.objects.len());
        self.objects.push(object);
    }

    fn pop(&mut self) -> Result<usize, String> {
        self.stack.pop().ok_or_else(|| CUT.to_owned())
    }

    fn top(&self) -> Result<usize, String> {
        self.stack.last().copied().ok_or_else(|| CUT.to_owned())
    }

    fn since_mark(&mut self) -> Result<Vec<usize>, String> {
        let mark = self.marks.pop().filter(|&mark| mark <= self.stack.len()).ok_or(CUT)?;
        Ok(self.stack.split_off(mark))
    }

    fn tuple(&mut self, count: usize) -> Result<(), String> {
        let start = self.stack.len().checked_sub(count).ok_or(CUT)?;
        let items = self.stack.split_off(start);
        self.push(Object::Sequence(items));
        Ok(())
    }

    fn remember(&mut self, name: u32) -> Result<(), String> {
        let top = self.top()?;
        self.memo.insert(name, top);
        Ok(())
    }

    fn recall(&mut self, name: u32) -> Result<(), String> {
        let place = *self.memo.get(&name).ok_or(CUT)?;
        self.stack.push(place);
        Ok(())
    }

    /// Puts keys and values in turn into the dictionary on top.
    fn put(&mut self, items: &[usize]) -> Result<(), String> {
        let top = self.top()?;
        if let Some(Object::Dictionary(entries)) = self.objects.get_mut(top) {
            entries.extend(items.as_chunks().0.iter().map(|&[key, value]| (key, value)));
        }
        Ok(())
    }

    /// Replaces a call by what it gives, where that matters.
    fn call(&mut self, callee: usize, arguments: usize) {
        let Some(Object::Global(name)) = self.objects.get(callee) else {
            return self.push(Object::Other);
        };
        let argument = |place: usize| self.items(arguments).get(place).copied();
        match name.as_str() {
            "collections OrderedDict" => self.push(Object::Dictionary(Vec::new())),
            "torch._utils _rebuild_parameter" => {
                if let Some(inner) = argument(0) {
                    self.stack.push(inner);
                } else {
                    self.push(Object::Other);
                }
            }
            "torch._utils _rebuild_tensor_v2" => {
                let whole = |place| argument(place).and_then(|place| self.whole_of(place));
                let wholes = |place| -> Option<Vec<i64>> {
                    self.items(argument(place)?).iter().map(|&place| self.whole_of(place)).collect()
                };
                let tensor = argument(0).zip(whole(1)).zip(wholes(2)).zip(wholes(3));
                let object = tensor.map(|(((storage, offset), shape), strides)| Object::Tensor {
                    storage,
                    offset,
                    shape,
                    strides,
                });
                self.push(object.unwrap_or(Object::Other));
            }
            _ => self.push(Object::Other),
        }
    }

    /// A storage by its identity: `("storage", class, key, device, numbers)`.
    fn storage(&self, identity: usize) -> Object {
        let items = self.items(identity);
        let at = |place: usize| items.get(place).and_then(|&place| self.objects.get(place));
        let (Some(Object::Global(class)), Some(Object::Text(key))) = (at(1), at(2)) else {
            return Object::Other;
        };
        let dtype = match class.as_str() {
            "torch DoubleStorage" => Some(Dtype::F64),
            "torch FloatStorage" => Some(Dtype::F32),
            "torch HalfStorage" => Some(Dtype::F16),
            "torch BFloat16Storage" => Some(Dtype::BF16),
            "torch LongStorage" => Some(Dtype::I64),
            "torch IntStorage" => Some(Dtype::I32),
            "torch ShortStorage" => Some(Dtype::I16),
            "torch CharStorage" => Some(Dtype::I8),
            "torch ByteStorage" => Some(Dtype::U8),
            "torch BoolStorage" => Some(Dtype::BOOL),
            _ => None,
        };
        Object::Storage { dtype, key: key.clone() }
    }

    /// A dictionary's entries whose keys are texts.
    fn entries(&self, place: usize) -> Vec<(String, usize)> {
        let Some(Object::Dictionary(entries)) = self.objects.get(place) else {
            return Vec::new();
        };
        let named = |&(key, value): &(usize, usize)| match self.objects.get(key) {
            Some(Object::Text(name)) => Some((name.clone(), value)),
            _ => None,
        };
        entries.iter().filter_map(named).collect()
    }

    fn listed(&self, place: usize) -> Option<Listed> {
        let Some(Object::Tensor { storage, offset, shape, strides }) = self.objects.get(place)
        else {
            return None;
        };
        let Some(Object::Storage { dtype, key }) = self.objects.get(*storage) else { return None };
        let sizes = |wholes: &[i64]| -> Option<Vec<usize>> {
            wholes.iter().map(|&whole| usize::try_from(whole).ok()).collect()
        };
        let offset = usize::try_from(*offset).ok()?;
        let place =
            Strided { dtype: (*dtype)?, offset, shape: sizes(shape)?, strides: sizes(strides)? };
        Some(Listed { storage: key.clone(), place })
    }

    fn items(&self, place: usize) -> &[usize] {
        match self.objects.get(place) {
            Some(Object::Sequence(items)) => items,
            _ => &[],
        }
    }

    fn whole_of(&self, place: usize) -> Option<i64> {
        match self.objects.get(place)? {
            Object::Whole(number) => Some(*number),
            _ => None,
        }
    }

    fn text_of(&self, place: usize) -> &str {
        match self.objects.get(place) {
            Some(Object::Text(text)) => text,
            _ => "",
        }
    }

    fn take(&mut self, count: usize) -> Result<&[u8], String> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(CUT)?;
        self.rest = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], String> {
        self.take(N)?.first_chunk().copied().ok_or_else(|| CUT.to_owned())
    }

    fn line(&mut self) -> Result<String, String> {
        let end = self.rest.iter().position(|&byte| byte == b'\n').ok_or(CUT)?;
        let line = String::from_utf8_lossy(self.take(end)?).into_owned();
        self.take(1)?;
        Ok(line)
    }

    fn text(&mut self, length: usize) -> Result<(), String> {
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.push(Object::Text(text));
        Ok(())
    }

    /// A whole number of any length; longer ones than 8 bytes are no size.
    fn long(&mut self) -> Result<(), String> {
        let [length] = self.fixed()?;
        let bytes = self.take(usize::from(length))?;
        let is_negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut whole = [if is_negative { 0xff } else { 0 }; 8];
        let fits = bytes.len() <= whole.len();
        for (to, from) in whole.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.push(if fits { Object::Whole(i64::from_le_bytes(whole)) } else { Object::Other });
        Ok(())
    }
}
