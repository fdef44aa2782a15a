package io.berth.gateway.access;

/** Whether clients that come over TCP are asked who they are. Docker's socket never asks. */
public enum AccessMode {
    /** What needs no credential is health, the login and public repositories; all else is 401. */
    PRIVATE,
    /** Whoever reaches the port is an operator, as with any Docker engine without TLS. */
    OPEN
}
