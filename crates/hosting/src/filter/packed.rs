//! Numbers in order, packed: each as its distance from the one before, in a Rice code (R. F. Rice,
//! "Some practical universal noiseless coding techniques", 1979): how often 2^`rest_bits` is in it,
//! in ones with a zero behind them, and the rest in `rest_bits` bits.

use super::HASH_BITS;

/// Numbers between two marks, at which a search may begin.
const MARK_EVERY: usize = 256;

/// A set of numbers below 2^[`HASH_BITS`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Packed {
    held: usize,
    rest_bits: u32,
    bits: Bits,
    /// Of every [`MARK_EVERY`]th number, from the first on: the number, and the bit behind it.
    marks: Vec<(u32, usize)>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Bits {
    bytes: Vec<u8>,
    len: usize,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        if self.len.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut().filter(|_| bit) {
            *last |= 1 << (self.len % 8);
        }
        self.len += 1;
    }

    fn get(&self, at: usize) -> Option<bool> {
        let byte = self.bytes.get(at / 8).filter(|_| at < self.len)?;
        Some(byte >> (at % 8) & 1 == 1)
    }
}

/// The numbers behind a place.
struct Numbers<'a> {
    packed: &'a Packed,
    number: u32,
    at: usize,
}

impl Iterator for Numbers<'_> {
    type Item = u32;

    /// Ends at the last number, and where a damaged file has one that is too high.
    fn next(&mut self) -> Option<u32> {
        let Self { packed, number, at } = self;
        let mut take = || {
            let bit = packed.bits.get(*at);
            *at += 1;
            bit
        };
        let mut times = 0_u32;
        while take()? {
            times += 1;
        }
        let mut rest = 0;
        for place in 0..packed.rest_bits {
            rest |= u32::from(take()?) << place;
        }
        let distance = times.checked_mul(1 << packed.rest_bits)?.checked_add(rest)?;
        *number = number.checked_add(distance).filter(|number| *number < 1 << HASH_BITS)?;
        Some(*number)
    }
}

impl Packed {
    /// Packs numbers that are in order, each once.
    pub(super) fn new(numbers: &[u32]) -> Self {
        let distance = (1_usize << HASH_BITS) / numbers.len().max(1);
        let rest_bits = distance.ilog2().min(HASH_BITS);
        let mut packed = Self { rest_bits, ..Self::default() };
        let mut before = 0;
        for number in numbers {
            let distance = number - before;
            for _ in 0..distance >> rest_bits {
                packed.bits.push(true);
            }
            packed.bits.push(false);
            for place in 0..rest_bits {
                packed.bits.push(distance >> place & 1 == 1);
            }
            packed.count(*number);
            before = *number;
        }
        packed
    }

    /// From a file: `None` where these are no such numbers.
    pub(super) fn of_parts(held: usize, rest_bits: u32, bytes: &[u8]) -> Option<Self> {
        let len = bytes.len() * 8;
        if rest_bits > HASH_BITS || held > len {
            return None;
        }
        let read = Self { rest_bits, bits: Bits { bytes: bytes.to_vec(), len }, ..Self::default() };
        let numbers: Vec<u32> = read.iter().take(held).collect();
        let are_ordered = numbers.is_sorted_by(|one, next| one < next);
        (numbers.len() == held && are_ordered).then(|| Self::new(&numbers))
    }

    pub(super) fn parts(&self) -> (usize, u32, &[u8]) {
        (self.held, self.rest_bits, &self.bits.bytes)
    }

    pub(super) fn len(&self) -> usize {
        self.held
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        Numbers { packed: self, number: 0, at: 0 }
    }

    pub(super) fn holds(&self, wanted: u32) -> bool {
        let behind = self.marks.partition_point(|(number, _)| *number <= wanted);
        let Some((number, at)) = behind.checked_sub(1).and_then(|last| self.marks.get(last)) else {
            return false;
        };
        let mut numbers = Numbers { packed: self, number: *number, at: *at };
        *number == wanted || numbers.find(|number| *number >= wanted) == Some(wanted)
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bits.bytes.len() + self.marks.len() * size_of::<(u32, usize)>()
    }

    /// The number was pushed.
    fn count(&mut self, number: u32) {
        if self.held.is_multiple_of(MARK_EVERY) {
            self.marks.push((number, self.bits.len));
        }
        self.held += 1;
    }
}
