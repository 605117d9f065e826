import { mount } from "svelte";
import App from "./App.svelte";
import { admission, codeOf } from "./session";
import * as app from "./state/app.svelte";
import "./styles/base.css";
import "./styles/forms.css";
import "./styles/shell.css";
import "./styles/talk.css";
import "./styles/views.css";

const code = codeOf(location.hash);
// The code works no more, and has no place in a history.
if (code !== undefined) history.replaceState(null, "", location.pathname);
const { token, join } = await admission(code);
const target = document.getElementById("page");
if (target !== null) {
  mount(App, { target, props: token === undefined ? {} : { app: new app.App(token, join) } });
}
