"use strict";
// The functions that a PAC script may call. Names are resolved by `__resolve`, which answers an IPv4 address or null.
const __months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const __days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
function __number(address) {
  const parts = String(address).split(".");
  if (parts.length !== 4) return null;
  let number = 0;
  for (const part of parts) {
    if (!/^[0-9]{1,3}$/.test(part) || Number(part) > 255) return null;
    number = number * 256 + Number(part);
  }
  return number;
}
function isPlainHostName(host) { return !String(host).includes("."); }
function dnsDomainIs(host, domain) { return String(host).toLowerCase().endsWith(String(domain).toLowerCase()); }
function localHostOrDomainIs(host, name) {
  host = String(host).toLowerCase(); name = String(name).toLowerCase();
  return host === name || (!host.includes(".") && name.startsWith(host + "."));
}
function dnsDomainLevels(host) { return String(host).split(".").length - 1; }
function dnsResolve(host) { return __number(host) !== null ? String(host) : __resolve(String(host)) ?? null; }
function dnsResolveEx(host) { return dnsResolve(host) ?? ""; }
function isResolvable(host) { return dnsResolve(host) !== null; }
function isResolvableEx(host) { return isResolvable(host); }
function myIpAddress() { return __own; }
function myIpAddressEx() { return __own; }
function isInNet(host, net, mask) {
  const address = dnsResolve(host);
  const [a, n, m] = [address === null ? null : __number(address), __number(net), __number(mask)];
  return a !== null && n !== null && m !== null && ((a & m) >>> 0) === ((n & m) >>> 0);
}
// An address's bytes, 4 or 16, or null for what is none.
function __bytes(address) {
  const number = __number(address);
  if (number !== null) return [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
  let text = String(address);
  const last = text.slice(text.lastIndexOf(":") + 1);
  const low = text.includes(":") ? __number(last) : null;
  if (low !== null) text = text.slice(0, -last.length) + (low >>> 16).toString(16) + ":" + (low & 0xffff).toString(16);
  const halves = text.split("::").map((half) => half === "" ? [] : half.split(":"));
  const missing = 8 - halves.flat().length;
  if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) return null;
  const groups = [...halves[0], ...Array(missing).fill("0"), ...(halves[1] ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]);
}
// Microsoft's extensions for both versions of IP.
function isInNetEx(host, prefix) {
  const [net, bits] = String(prefix).split("/");
  const [a, n] = [__bytes(host) ?? __bytes(dnsResolve(host)), __bytes(net)];
  if (a === null || n === null || a.length !== n.length) return false;
  if (!/^[0-9]{1,3}$/.test(bits) || Number(bits) > n.length * 8) return false;
  return n.every((byte, at) => ((byte ^ a[at]) & (0xff00 >> Math.min(8, Math.max(0, Number(bits) - 8 * at))) & 255) === 0);
}
function sortIpAddressList(list) {
  const sorted = String(list).split(";").map((address) => [__bytes(address.trim()), address.trim()]);
  if (sorted.some(([bytes]) => bytes === null)) return false;
  sorted.sort(([a], [b]) => {
    const at = a.findIndex((byte, at) => byte !== b[at]);
    return a.length !== b.length ? b.length - a.length : at < 0 ? 0 : a[at] - b[at];
  });
  return sorted.map(([, address]) => address).join(";");
}
function getClientVersion() { return "1.0"; }
function shExpMatch(text, pattern) {
  text = String(text); pattern = String(pattern);
  // Two pointers instead of a regular expression: no pattern takes longer than the product of both lengths.
  let t = 0, p = 0, star = -1, mark = 0;
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === "?" || (pattern[p] !== "*" && pattern[p] === text[t]))) { t++; p++; }
    else if (p < pattern.length && pattern[p] === "*") { star = p++; mark = t; }
    else if (star >= 0) { p = star + 1; t = ++mark; }
    else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
function __now(parts) {
  const gmt = parts.length > 0 && parts[parts.length - 1] === "GMT";
  if (gmt) parts.pop();
  const now = new Date();
  return gmt
    ? { day: now.getUTCDay(), date: now.getUTCDate(), month: now.getUTCMonth(), year: now.getUTCFullYear(), time: now.getUTCHours() * 3600 + now.getUTCMinutes() * 60 + now.getUTCSeconds() }
    : { day: now.getDay(), date: now.getDate(), month: now.getMonth(), year: now.getFullYear(), time: now.getHours() * 3600 + now.getMinutes() * 60 + now.getSeconds() };
}
function __between(value, first, last) { return first <= last ? first <= value && value <= last : value >= first || value <= last; }
function weekdayRange(...parts) {
  const now = __now(parts);
  const days = parts.map((day) => __days.indexOf(day));
  return days.length > 0 && __between(now.day, days[0], days[days.length - 1]);
}
function timeRange(...parts) {
  const now = __now(parts);
  const [h1, a, b, c, d, e] = parts.map(Number);
  switch (parts.length) {
    case 1: return Math.floor(now.time / 3600) === h1;
    case 2: return __between(now.time, h1 * 3600, a * 3600 - 1);
    case 4: return __between(now.time, h1 * 3600 + a * 60, b * 3600 + c * 60 + 59);
    case 6: return __between(now.time, h1 * 3600 + a * 60 + b, c * 3600 + d * 60 + e);
    default: return false;
  }
}
function dateRange(...parts) {
  const now = __now(parts);
  const read = (list) => {
    const date = {};
    for (const part of list) {
      const month = __months.indexOf(part);
      if (month >= 0) date.month = month;
      else if (Number(part) > 31) date.year = Number(part);
      else date.date = Number(part);
    }
    return date;
  };
  const value = (date, like) =>
    (like.year === undefined ? 0 : date.year * 10000) + (like.month === undefined ? 0 : date.month * 100) + (like.date === undefined ? 0 : date.date);
  const half = parts.length === 1 ? 1 : parts.length / 2;
  const [first, last] = [read(parts.slice(0, half)), read(parts.length === 1 ? parts : parts.slice(half))];
  return parts.length > 0 && __between(value(now, first), value(first, first), value(last, first));
}
function alert() {}
