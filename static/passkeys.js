// Say in words that a passkey could not be used; allauth's own script does the rest.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passnokkelfeil").hidden = false;
});
