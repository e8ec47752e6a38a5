"""What the checks of keys and of the accessibility tree find on a page that is made to be wrong."""

from typing import Any

from reach import out_of_reach, unspoken

RIGHT = """<main><h1>Title</h1><h2>Part</h2><a href="#a">Away</a><input type="date" aria-label="Day">
  <label><input type="radio" name="r" checked>One</label><label><input type="radio" name="r">Two</label></main>"""
TRAP = """<main><h1>Title</h1><button id="trap">Trap</button><button>After</button></main>
  <script>trap.onkeydown = (event) => event.preventDefault()</script>"""
PLAIN = (
    """<style>.plain:focus { outline: none }</style><main><h1>Title</h1><button class="plain">Plain</button></main>"""
)
COVERED = """<main><h1>Title</h1><button>Under</button></main><div style="position: fixed; inset: 0">Over</div>"""
ORDER = """<main><h1>Title</h1><button>First</button><button tabindex="1">Second</button></main>"""
NAMELESS = (
    """<main><h1>Title</h1><h3>Deep</h3><button></button><h1>Again</h1><table><tr><td>1</td></tr></table></main>"""
)


async def test_what_cannot_be_reached_seen_or_read_out_is_found(bare_page: Any) -> None:
    async with bare_page() as page:
        cdp = await page.context.new_cdp_session(page)

        async def wrong(content: str) -> list[str]:
            await page.set_content(content)
            return [*await out_of_reach(page), *await unspoken(page, cdp)]

        assert await wrong(RIGHT) == []
        assert await wrong(TRAP) == ["not reached: After"]
        assert await wrong(PLAIN) == ["focus not seen: Plain"]
        assert await wrong(COVERED) == ["focus is covered or out of sight: Under"]
        assert "has a place of its own" in " ".join(await wrong(ORDER))
        said = await wrong(NAMELESS)
        assert {"a button without a name", "heading of level 3 after 1: Deep", "2 of h1"} <= set(said)
