/* The command menu on Ctrl+K. */
"use strict";
