package io.berth.engine.caller;

/** Knows the caller of the request that the present thread works for. Thread-safe. */
public final class Callers {
    private static final ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

    private Callers() {}

    /** The present request's caller; the engine itself outside any request. */
    public static Caller current() {
        return CURRENT.orElse(Caller.UNRESTRICTED);
    }

    /** Runs work on behalf of a caller. */
    public static <X extends Throwable> void runAs(Caller caller, ScopedValue.CallableOp<Void, X> work) throws X {
        var _ = ScopedValue.where(CURRENT, caller).call(work);
    }
}
