import asyncio
import sys

from pydantic import ValidationError

from agent.providers.choice import missing
from agent.settings import AgentSettings
from agent.worker import call_source
from agent.worker.serve import serve

if __name__ == "__main__":
    try:
        settings = AgentSettings()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            sys.stderr.write(f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}\n")
        sys.exit(2)
    if problems := missing(settings):
        sys.stderr.write("".join(f"{problem}\n" for problem in problems))
        sys.exit(2)
    call_source.start()
    sys.exit(asyncio.run(serve(settings)))
