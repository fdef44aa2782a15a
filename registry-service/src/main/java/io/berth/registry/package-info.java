/**
 * A private OCI registry: the OCI distribution specification 1.1 over content-addressed files and a small database.
 */
@NullMarked
package io.berth.registry;

import org.jspecify.annotations.NullMarked;
