package io.berth.gateway.route;

/** Whether a request may turn its connection into a raw byte stream («hijack»). */
public enum StreamKind {
    /** Never: an {@code Upgrade} header is dropped, as HTTP allows. */
    NONE,
    /** After a {@code 101 Switching Protocols} only (websocket attach). */
    UPGRADE,
    /** After a 101, or after a 200 whose body is an unframed Docker raw stream (clients that send no {@code Upgrade}). */
    UPGRADE_OR_RAW
}
