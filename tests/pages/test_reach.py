"""What the checks of keys and of the accessibility tree find on a page that is made to be wrong."""

from typing import Any

from reach import boxes_that_hold, out_of_reach, unspoken

RIGHT = """<main><h1>Title</h1><h2>Part</h2><a href="#a">Away</a><input type="date" aria-label="Day">
  <label><input type="radio" name="r" checked>One</label><label><input type="radio" name="r">Two</label></main>"""
TRAP = """<main><h1>Title</h1><button id="trap">Trap</button><button>After</button></main>
  <script>trap.onkeydown = (event) => event.preventDefault()</script>"""
PLAIN = (
    """<style>.plain:focus { outline: none }</style><main><h1>Title</h1><button class="plain">Plain</button></main>"""
)
COVERED = """<main><h1>Title</h1><button>Under</button></main><div style="position: fixed; inset: 0">Over</div>"""
ORDER = """<main><h1>Title</h1><button>First</button><button tabindex="1">Second</button></main>"""
DEAD = """<main><h1>Title</h1><button onkeydown="event.key === 'Tab' || event.preventDefault()">Dead</button><a href="#b">There</a></main>"""
DRAWN = """<main><h1>Title</h1><p style="cursor: pointer">Only for a mouse</p></main>"""
BOX = """<main><h1>Title</h1><button popovertarget="box">Box</button><div id="box" popover><button>In it</button></div></main>"""
HELD = """<main><h1>Title</h1><button popovertarget="box">Box</button><div id="box" popover="manual">Nothing</div></main>"""
SHADOW = """<main><h1>Title</h1><a href="#a">Before</a><div id="host"></div><button>After</button></main><script>
  host.attachShadow({ mode: 'open' }).innerHTML = `<button>In</button><button onkeydown="event.key === 'Enter' &&
  event.preventDefault()">Dead</button><p style="cursor: pointer">Drawn</p>`</script>"""
NAMELESS = (
    """<main><h1>Title</h1><h3>Deep</h3><button></button><h1>Again</h1><table><tr><td>1</td></tr></table></main>"""
)


async def test_what_cannot_be_reached_seen_or_read_out_is_found(bare_page: Any) -> None:
    async with bare_page() as page:
        cdp = await page.context.new_cdp_session(page)

        async def wrong(content: str, key: str = "Enter") -> list[str]:
            await page.set_content(content)
            return [*await out_of_reach(page, cdp, key), *await unspoken(page, cdp)]

        assert await wrong(RIGHT) == []
        assert await wrong(TRAP) == ["not reached: After", "Enter does nothing: Trap"]
        assert await wrong(PLAIN) == ["focus not seen: Plain"]
        assert await wrong(COVERED) == ["focus is covered or out of sight: Under"]
        assert "has a place of its own" in " ".join(await wrong(ORDER))
        for key in ("Enter", "Space"):
            assert await wrong(RIGHT, key) == []
            assert await wrong(DEAD, key) == [f"{key} does nothing: Dead"]
        assert await wrong(DRAWN) == ["looks as if it could be pressed, and has no key: Only for a mouse"]
        drawn = "looks as if it could be pressed, and has no key: Drawn"
        assert await wrong(SHADOW) == ["Enter does nothing: Dead", drawn]
        await page.set_content(BOX)
        assert await boxes_that_hold(page) == []
        await page.set_content(HELD)
        assert {"Tab does not lead into: Box", "Escape does not close: Box"} <= set(await boxes_that_hold(page))
        said = await wrong(NAMELESS)
        assert {"a button without a name", "heading of level 3 after 1: Deep", "2 of h1"} <= set(said)
