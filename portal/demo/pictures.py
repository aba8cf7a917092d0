"""Take the pictures in docs/pictures/ from a running demo: `python -m portal.demo.pictures URL`."""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from portal.demo.set_up import chromium

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
PASSWORD = ROOT / ".demo" / "password"


def log_in(browser: Browser, url: str, who: str, *, width: int, height: int, scheme: str) -> Page:
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="nb-NO",
        timezone_id="Europe/Oslo",
    )
    page.goto(url)
    page.fill("input[name=login]", f"{who}@demo.invalid")
    page.fill("input[name=password]", PASSWORD.read_text(encoding="utf-8"))
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/hjem/**")
    page.goto(f"{url}/innboks/")  # without the greeting
    page.wait_for_timeout(800)
    return page


def open_a_letter(page: Page, url: str) -> None:
    """Open a dialog as a person does, in the stand-in for Altinn."""
    page.goto(f"{url}/innboks/?q=tvangsmulkt&mappe=alle")
    page.locator("tbody a.title").first.click()
    page.get_by_role("button", name="Åpne dialogen").or_(
        page.get_by_role("link", name="Vis dialogen")
    ).first.click()
    page.wait_for_url("**/dialog/**")
    page.wait_for_timeout(1200)


def take(url: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        for scheme in ("light", "dark"):
            page = log_in(browser, url, "leder", width=1440, height=900, scheme=scheme)
            page.screenshot(path=PICTURES / f"inbox-{scheme}.png")
            page.locator("tbody a.title").nth(2).click()
            page.wait_for_timeout(800)
            page.screenshot(path=PICTURES / f"panel-{scheme}.png")
            open_a_letter(page, url)
            page.screenshot(path=PICTURES / f"dialog-{scheme}.png")
        page = log_in(browser, url, "kari.hansen", width=1440, height=900, scheme="light")
        page.goto(f"{url}/hjem/")
        page.screenshot(path=PICTURES / "home.png")
        page.goto(f"{url}/innboks/?ansvarlig=meg")
        for number in range(3):
            page.locator("#liste tbody input[name=id]").nth(number).check()
        page.wait_for_timeout(800)
        page.screenshot(path=PICTURES / "bulk.png")
        page = log_in(browser, url, "kari.hansen", width=390, height=844, scheme="light")
        page.screenshot(path=PICTURES / "inbox-phone.png")
        open_a_letter(page, url)
        page.screenshot(path=PICTURES / "dialog-phone.png")
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
