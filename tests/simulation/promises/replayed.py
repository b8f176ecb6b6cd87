"""P17: the inputs of the journal give the state that the service had when it wrote its hash."""

from quantum_exit.adapters.store.frames import decode_frames
from quantum_exit.execution.mind import Mind
from quantum_exit.execution.recording import Recorder
from quantum_exit.execution.service_config import ServiceConfig
from tests.simulation.promises.base import Findings


def compare_replay(content: bytes, config: ServiceConfig, findings: Findings, now_ms: int) -> None:
    """Replays a journal and compares every hash of the state in it.

    Args:
        content: Its bytes.
        config: The configuration of the service that wrote it.
        findings: Where the results go.
        now_ms: Exchange time, ms since the UNIX epoch.
    """
    recorder = Recorder()
    mind = Mind.new(config.guardian, config.account, config.watch)
    epoch = 0
    for record in decode_frames(content).records:
        if record.epoch < epoch:
            # Whoever wrote it had been replaced already: nobody reads it.
            continue
        epoch = record.epoch
        recorded = recorder.state_hash_of(record)
        given = recorder.input_of(record)
        if recorded is not None:
            text = f"record {record.seq}: the state has another hash when it is replayed"
            findings.check("P17", recorded == mind.state_hash(), now_ms, text)
        elif given is not None:
            mind.apply(given, record.ts_ms, replayed=True)
