package io.berth.gateway.access.decision;

import io.berth.gateway.access.Call;
import io.berth.gateway.access.Ruling;

/** Decides for developers and viewers on one part of the API. Thread-safe; never blocks. */
interface Rules {
    /** What is not thought of is {@link Passes#unknown()}. */
    Ruling judge(Call call, Passes passes);
}
