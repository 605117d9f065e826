import { createContext } from "svelte";
import type { App } from "./state/app.svelte";
import type { Conference } from "./state/conference.svelte";

/** Everything that is not of one conference, for any component below. */
export const [useApp, provideApp] = createContext<App>();

/** The conference that is shown, for the components below its view. */
export const [useConference, provideConference] = createContext<Conference>();
