/**
 * Decides on each request: who it comes from, whether they may, and what of the answer they see.
 */
@NullMarked
package io.berth.gateway.access.decision;

import org.jspecify.annotations.NullMarked;
