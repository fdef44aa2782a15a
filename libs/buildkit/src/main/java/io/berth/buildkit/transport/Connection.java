package io.berth.buildkit.transport;

import java.io.Closeable;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A connection that somebody else has accepted, as two byte streams.
 *
 * @param input what the other side sends; read by another thread than the one that gave the connection away, which is
 *     interrupted when the connection is over
 * @param output what it is sent; written and flushed by one thread
 * @param ended called when nothing is written any more, to end the connection; reading must end then, or when whoever gave
 *     the connection away has it back
 */
public record Connection(InputStream input, OutputStream output, Closeable ended) {}
