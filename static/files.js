/* Attachments: a preview that is closed lets go of the file, and gives the focus back. */
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-close-preview]");
  const place = button?.closest(".preview-place");
  if (!place) return;
  place.replaceChildren();
  document.querySelector(`[data-preview][hx-target="#${CSS.escape(place.id)}"]`)?.focus();
});
