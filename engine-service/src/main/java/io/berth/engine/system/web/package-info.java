/**
 * The system section of the Engine API.
 */
@NullMarked
package io.berth.engine.system.web;

import org.jspecify.annotations.NullMarked;
