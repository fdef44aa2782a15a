/**
 * What the developers of a project may ask of the engine, decided on the very bytes that it gets.
 */
@NullMarked
package io.berth.gateway.access.policy;

import org.jspecify.annotations.NullMarked;
