/* What may become HTML, and what may become a script, where the browser asks («trusted types»).
   HTML comes from our own server, which has escaped it: htmx and the components put it in. Nothing
   that begins as text is ever run: without a rule for scripts and their addresses the browser
   refuses eval, a new script's text, and where it would be fetched. Loaded before all others. */
"use strict";

globalThis.trustedTypes?.createPolicy("default", { createHTML: (text) => text });
