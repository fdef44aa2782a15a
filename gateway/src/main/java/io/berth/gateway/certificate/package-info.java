/**
 * Certificates for the encrypted listener and its clients: a small authority of one's own, and what is read from
 * certificates that clients show.
 */
@NullMarked
package io.berth.gateway.certificate;

import org.jspecify.annotations.NullMarked;
