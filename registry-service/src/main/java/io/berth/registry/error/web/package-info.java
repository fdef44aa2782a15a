/**
 * Renders every refusal, the framework's own included, as the specification's JSON.
 */
@NullMarked
package io.berth.registry.error.web;

import org.jspecify.annotations.NullMarked;
