// Which view is shown: it stands in the address, so that the browser's "back" works.

export type Route =
  | { readonly view: "conferences" }
  | { readonly view: "join"; readonly link?: string }
  | { readonly view: "check" }
  | { readonly view: "settings" }
  | { readonly view: ConferenceView; readonly conference: string; readonly room?: string };

export type ConferenceView = (typeof CONFERENCE_VIEWS)[number];

const CONFERENCE_VIEWS = ["talk", "schedule", "ballot", "organize", "people", "places"] as const;

/** Reads the fragment of an address, such as `#/c/q7x2abcdef/talk/plenary`. */
export function read(fragment: string): Route {
  const [family, ...rest] = fragment.replace(/^#?\/?/, "").split("/").map(decoded);
  switch (family) {
    case "join":
      return rest[0] === undefined || rest[0] === "" ? { view: "join" } : { view: "join", link: rest.join("/") };
    case "check":
    case "settings":
      return { view: family };
    case "c": {
      const [conference, view, room] = rest;
      if (conference === undefined || conference === "") return { view: "conferences" };
      const known = CONFERENCE_VIEWS.find((one) => one === view) ?? "talk";
      return room === undefined || room === "" ? { view: known, conference } : { view: known, conference, room };
    }
    default:
      return { view: "conferences" };
  }
}

/** The fragment of a view. A join link never stands there: an address is kept in a history. */
export function write(route: Route): string {
  if (!("conference" in route)) return route.view === "conferences" ? "#/" : `#/${route.view}`;
  const { conference, view, room } = route;
  return `#/${["c", conference, view, ...(room === undefined ? [] : [room])].map(encodeURIComponent).join("/")}`;
}

/** The conference of a view, where it is in one. */
export function conferenceOf(route: Route): string | undefined {
  return "conference" in route ? route.conference : undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
