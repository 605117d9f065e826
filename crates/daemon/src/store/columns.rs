//! Conversion between values and columns. A value that cannot be read back is reported without
//! being shown.

use std::fmt::Display;
use std::str::FromStr;

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A number that another machine gave. SQLite counts to half of `u64`; above that a number is kept
/// as its negative twin, so that no number can make a write fail, and every number comes back as it
/// was.
pub(super) struct Number(pub(super) u64);

/// A value by its text.
pub(super) struct Text<T>(pub(super) T);

/// A value by its JSON.
pub(super) struct Json<T>(pub(super) T);

/// A column does not hold what it must.
#[derive(Debug, thiserror::Error)]
#[error("damaged value")]
struct Damaged;

fn damaged<E>(_: E) -> FromSqlError {
    FromSqlError::Other(Box::new(Damaged))
}

impl ToSql for Number {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.cast_signed().into())
    }
}

impl FromSql for Number {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(|number| Self(number.cast_unsigned()))
    }
}

impl<T: Display> ToSql for Text<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl<T: FromStr> FromSql for Text<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Self).map_err(damaged)
    }
}

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = serde_json::to_string(&self.0);
        text.map(Into::into).map_err(|_| rusqlite::Error::ToSqlConversionFailure(Box::new(Damaged)))
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(damaged)
    }
}
