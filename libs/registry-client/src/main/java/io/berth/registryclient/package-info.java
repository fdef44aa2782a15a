/**
 * A client of the OCI Distribution API for one registry at a time: authorisation, manifests, blobs, uploads. It knows nothing
 * of how images are stored.
 */
@NullMarked
package io.berth.registryclient;

import org.jspecify.annotations.NullMarked;
