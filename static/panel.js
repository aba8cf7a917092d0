/* The panel beside the list: its forms, and who else is looking. */
"use strict";
