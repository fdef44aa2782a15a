/** Reads who a request comes from. */
@NullMarked
package io.berth.engine.caller.web;

import org.jspecify.annotations.NullMarked;
