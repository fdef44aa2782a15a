package io.berth.engine.network.dns;

/** A socket at which an answer is waited for. */
@FunctionalInterface
interface Attempt {
    /** The question with this id is no longer waited for; an answer to it would be ignored. */
    void withdraw(int id);
}
