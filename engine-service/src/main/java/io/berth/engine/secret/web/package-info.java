/**
 * The sections for secrets and configs of the Engine API.
 */
@NullMarked
package io.berth.engine.secret.web;

import org.jspecify.annotations.NullMarked;
