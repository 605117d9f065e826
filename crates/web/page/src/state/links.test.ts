import assert from "node:assert/strict";
import { test } from "node:test";
import { findJoinLink, pieces } from "./links";

const CODE = "AAAAAAAAAAAAAAAAAAAAAA";
const KEY = "A".repeat(43);

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
  assert.deepEqual(findJoinLink(`https://täst.test:8443/j/${CODE}#fp=${KEY}&ports=1-2`), {
    link: `https://xn--tst-qla.test:8443/j/${CODE}#fp=${KEY}&ports=1-2`,
    host: "xn--tst-qla.test",
  });
});

test("what is no join link is told apart", () => {
  assert.deepEqual(findJoinLink("  "), { problem: "empty" });
  assert.deepEqual(findJoinLink("kommt doch!"), { problem: "none" });
  assert.deepEqual(findJoinLink("https://example.org/wiki"), { problem: "path" });
  assert.deepEqual(findJoinLink(`http://example.org/j/${CODE}`), { problem: "scheme" });
  assert.deepEqual(findJoinLink("https://example.org/j/AAAA"), { problem: "code" });
  assert.deepEqual(findJoinLink(`https://example.org/j/${CODE.slice(1)}B`), { problem: "code" });
  assert.deepEqual(findJoinLink("https://example.org/ https://con%00ference.test/j/AAAA"), { problem: "host" });
  assert.deepEqual(findJoinLink(`https://a../j/${CODE}`), { problem: "host" });
  assert.deepEqual(findJoinLink(`https://a.test:65536/j/${CODE}`), { problem: "port" });
  assert.deepEqual(findJoinLink(`https://a.test:0/j/${CODE}`), { problem: "port" });
  assert.deepEqual(findJoinLink(`https://a.test/j/${CODE}#fp=AAAA`), { problem: "fingerprint" });
  assert.deepEqual(findJoinLink(`https://a.test/j/${CODE}#ports=9-1`), { problem: "ports" });
  assert.deepEqual(findJoinLink(`https://a.test/${"x".repeat(2_000)}`), { problem: "length" });
});

test("whatever a browser opens is read", () => {
  for (const [address, host] of [
    ["https://täst.test/j/CODE", "xn--tst-qla.test"],
    ["https://straße.test/j/CODE", "xn--strae-oqa.test"],
    ["https://%63onf.test/j/CODE", "conf.test"],
    ["https://anna:pw@conf.test/j/CODE", "conf.test"],
    ["https://conf.test:443/j/CODE/?x=/j/", "conf.test"],
    ["https://conf.test/x/../j/CODE#", "conf.test"],
    ["https://0x7f.1/j/CODE", "127.0.0.1"],
    ["https://[2001:DB8:0::1]/j/CODE", "[2001:db8::1]"],
  ] as const) {
    const pasted = address.replace("CODE", CODE);
    assert.deepEqual(findJoinLink(pasted), { link: `https://${host}/j/${CODE}`, host }, pasted);
  }
  const encoded = `https://a.test/j/${CODE}#fp=${KEY}%2Cports%3D9-10`;
  assert.deepEqual(findJoinLink(encoded), { link: `https://a.test/j/${CODE}#fp=${KEY},ports=9-10`, host: "a.test" });
});
