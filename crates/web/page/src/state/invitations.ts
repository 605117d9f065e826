// Join links as people copy them. Pure.

import type { Connection } from "convene-client";
import type { Own, Seat } from "./types";

export interface Invitation {
  readonly role: "participant" | "organizer";
  readonly link: string;
}

const HTTPS_PORT = 443;
const PORTS = "4500-4506";
/** Between the parts of the fragment: no shell takes a comma for anything. */
const SEPARATOR = ",";

/** The links that one knows, for participants first; none, while the server's ports are not known. */
export function invitations(own: Own, seat: Seat | undefined, connection: Connection | undefined): Invitation[] {
  if (seat === undefined || connection === undefined) return [];
  const roles = ["participant", "organizer"] as const;
  return roles.flatMap((role) =>
    Object.entries(own.codes?.by_code ?? {})
      .filter(([, gives]) => gives === role)
      .map(([code]) => ({ role, link: joinLink(code, seat, connection) })),
  );
}

/** One's personal link, where there is one and the server's ports are known. */
export function ownLink(own: Own, seat: Seat | undefined, connection: Connection | undefined): string | undefined {
  if (seat === undefined || connection === undefined || own.link == null) return undefined;
  return joinLink(own.link.code, seat, connection);
}

/** As `JoinLink` of `model` writes it: a shell takes it as it stands. */
function joinLink(code: string, { server, fingerprint }: Seat, { https_port, ports }: Connection): string {
  const host = server.includes(":") ? `[${server}]` : server;
  const port = https_port === HTTPS_PORT ? "" : `:${https_port}`;
  const parts = [
    ...(fingerprint == null ? [] : [`fp=${fingerprint}`]),
    ...(ports === PORTS ? [] : [`ports=${ports}`]),
  ];
  const fragment = parts.length === 0 ? "" : `#${parts.join(SEPARATOR)}`;
  return `https://${host}${port}/j/${code}${fragment}`;
}
