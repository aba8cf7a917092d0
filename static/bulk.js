/* Choosing several dialogs and changing them at once. */
"use strict";
