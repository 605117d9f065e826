import assert from "node:assert/strict";
import { test } from "node:test";
import { findJoinLink, pieces } from "./links";

const CODE = "AAAAAAAAAAAAAAAAAAAAAA";

test("links are found where they stand, and the text stays the same", () => {
  const texts = [
    "siehe https://example.org/a?b=c.",
    "(https://example.org/wiki/Open_(space))",
    "„https://example.org“, http://a.test/x!",
    "ohne Link",
    "",
  ];
  const found = texts.map((text) => pieces(text).filter(({ href }) => href !== undefined).map((piece) => piece.text));
  assert.deepEqual(found, [["https://example.org/a?b=c"], ["https://example.org/wiki/Open_(space)"], ["https://example.org", "http://a.test/x"], [], []]);
  for (const text of texts) assert.equal(pieces(text).map((piece) => piece.text).join(""), text);
});

test("only web pages are links", () => {
  for (const text of ["javascript://alert(1)", "file:///etc/passwd", "convene://x", "data:text/html,x", "https://", "ftp://a.test/"]) {
    assert.ok(pieces(text).every(({ href }) => href === undefined), text);
  }
});

test("a join link is found alone, behind convene:, and in a whole mail", () => {
  const link = `https://conference.example.org/j/${CODE}`;
  for (const text of [
    link,
    `  ${link}\n`,
    `convene:${link}`,
    `Liebe Änne,\n\nhier ist Ihr Link: <${link}>.\nMehr unter https://example.org/hilfe\n`,
    `HTTPS://Conference.Example.org./j/${CODE}?utm_source=mail`,
    `Der Link: ${link}).`,
  ]) {
    assert.deepEqual(findJoinLink(text), { link, host: "conference.example.org" }, text);
  }
});

test("a link that a mail program broke is whole again", () => {
  const broken = `https://conference.example.org/j/${CODE.slice(0, 10)}\n${CODE.slice(10)}\n\nBis bald`;
  assert.equal("link" in findJoinLink(broken.replace("\n\nBis bald", "")), true);
  const quoted = `https://conference.example.org/j/${CODE.slice(0, 10)}=\r\n${CODE.slice(10)}\r\n`;
  assert.equal("link" in findJoinLink(quoted), true);
});

test("port, key and ports stay with the link, and names are those that a browser looks up", () => {
  assert.deepEqual(findJoinLink(`https://täst.test:8443/j/${CODE}#fp=x&ports=1-2`), {
    link: `https://xn--tst-qla.test:8443/j/${CODE}#fp=x&ports=1-2`,
    host: "xn--tst-qla.test",
  });
});

test("what is no join link is told apart", () => {
  assert.deepEqual(findJoinLink("  "), { problem: "empty" });
  assert.deepEqual(findJoinLink("kommt doch!"), { problem: "none" });
  assert.deepEqual(findJoinLink("https://example.org/wiki"), { problem: "other" });
  assert.deepEqual(findJoinLink(`http://example.org/j/${CODE}`), { problem: "other" });
  assert.deepEqual(findJoinLink("https://example.org/j/AAAA"), { problem: "damaged" });
});
