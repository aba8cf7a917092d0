/* Notes: drafts that survive, and naming a colleague. */
"use strict";
