"""Many texts into many files: each once, whole, and whatever the others do.

    manifest.jsonl -- read_manifest --> Item, one a line ... -- an engine, `speak_item` --> OUT/ID.wav
                                                                       '--> Outcome, a line of results.jsonl

`results.jsonl` is all the state there is: what it says was spoken, from the same text, options and voice, is
not spoken again. The engine decides where the work is done: here, in processes, or by Ray on any number of
machines.
"""

from tts.batch.engines import Engine, local_engine, ray_engine
from tts.batch.manifest import Shard, read_manifest
from tts.batch.results import Outcome, read_results
from tts.batch.run import Summary, speak_batch
from tts.batch.work import Item, Manner, speak_item

__all__ = [
    "Engine",
    "Item",
    "Manner",
    "Outcome",
    "Shard",
    "Summary",
    "local_engine",
    "ray_engine",
    "read_manifest",
    "read_results",
    "speak_batch",
    "speak_item",
]
