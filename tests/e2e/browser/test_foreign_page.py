"""A page that nobody here wrote for us: livekit-client and an agent's name, and nothing else."""

from pathlib import Path
from typing import Any

from playwright.async_api import Route, expect

from cli.stack.local import LocalStack
from contracts import agent_name

LIBRARY = Path(__file__).parents[3] / "ui" / "node_modules" / "livekit-client" / "dist" / "livekit-client.umd.js"
PAGE = """
<!doctype html><title>minimal</title>
<script src="/foreign/livekit-client.js"></script>
<p>joining</p><output></output>
<script type="module">
  const { Room, RoomEvent, TokenSource } = LivekitClient;
  const words = new Map();
  window.call = async (source) => {
    const { serverUrl, participantToken } = await source.fetch({ agentName: 'AGENT' });
    const room = new Room();
    room.registerTextStreamHandler('lk.transcription', async (reader) => {
      for await (const part of reader) {
        words.set(reader.info.id, (words.get(reader.info.id) ?? '') + part);
        document.querySelector('output').textContent = [...words.values()].join(' ');
      }
    });
    const tell = () => {
      const [agent] = room.remoteParticipants.values();
      document.querySelector('p').textContent = agent?.attributes['lk.agent.state'] ?? 'alone';
    };
    for (const event of [RoomEvent.ParticipantConnected, RoomEvent.ParticipantAttributesChanged]) room.on(event, tell);
    await room.connect(serverUrl, participantToken);
    return room;
  };
  const source = TokenSource.endpoint('/v1/token');
  window.again = async () => {
    await window.room.disconnect();
    words.clear();
    window.room = await window.call(source);
  };
  window.room = await window.call(source);
</script>
""".replace("AGENT", agent_name())


async def test_livekits_own_client_with_the_agents_name_alone_gets_an_agent_that_answers(
    stack: LocalStack, open_page: Any
) -> None:
    async def serve(route: Route) -> None:
        if route.request.url.endswith(".js"):
            await route.fulfill(path=LIBRARY, content_type="text/javascript")
        else:
            await route.fulfill(body=PAGE, content_type="text/html")

    async with open_page(None) as page:
        # Chromium takes what a test hands it for a page of the Internet, which may not reach this machine.
        await page.context.grant_permissions(["local-network-access"])
        await page.route("**/foreign/**", serve)
        await page.goto(f"{stack.api_url}/foreign/")
        await expect(page.locator("p")).to_have_text("listening", timeout=30_000)
        await page.evaluate(
            "room.localParticipant.sendText('Flights from Madrid to Berlin tomorrow', {topic: 'lk.chat'})"
        )
        await expect(page.locator("output")).to_contain_text("Berlin", timeout=30_000)
        # The library keeps its token: a second call with it is a call of its own.
        await page.evaluate("again()")
        await page.evaluate("room.localParticipant.sendText('Flights from Paris to Rome tomorrow', {topic: 'lk.chat'})")
        await expect(page.locator("output")).to_contain_text("Rome", timeout=40_000)
