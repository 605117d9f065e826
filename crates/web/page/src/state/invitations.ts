// Join links as organizers copy them. Pure.

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
  if (seat === undefined || connection === undefined || own.codes == null) return [];
  const { server, fingerprint } = seat;
  const host = server.includes(":") ? `[${server}]` : server;
  const port = connection.https_port === HTTPS_PORT ? "" : `:${connection.https_port}`;
  const parts = [
    ...(fingerprint == null ? [] : [`fp=${fingerprint}`]),
    ...(connection.ports === PORTS ? [] : [`ports=${connection.ports}`]),
  ];
  const fragment = parts.length === 0 ? "" : `#${parts.join(SEPARATOR)}`;
  const roles = ["participant", "organizer"] as const;
  return roles.flatMap((role) =>
    Object.entries(own.codes?.by_code ?? {})
      .filter(([, gives]) => gives === role)
      .map(([code]) => ({ role, link: `https://${host}${port}/j/${code}${fragment}` })),
  );
}
