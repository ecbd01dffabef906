(** The pinned statements over the reals: this file and Definitions.v are what a referee reads.

    Each theorem is restated in full, proved by [exact], and followed by its axioms.
    Everything is meant for Coq's real numbers and every number of layers L.  A [descent] or
    [descent1] hypothesis says that the sequence is a run of gradient descent on the stated
    loss: each step subtracts delta times a number that is proved to be the partial derivative.
    The statements about matrices are in StatementsMatrix.v.

    Source: K. Nar, S. S. Sastry, "Step Size Matters in Deep Learning", 2018. *)

Require Import Reals.
From Symgd Require Import Definitions.
From Symgd Require Lem3 Ex1 Ex3 Cor1 Lem4 Thm2 Sharp Remarks Further.
Local Open Scope R_scope.

(** ** Lemma 3: w_1 = ... = w_L = 1 at the start, target lambda > 0 *)

(** The partial derivatives of the chain loss. *)
Theorem pin_lem3_gradient : forall L lambda w i, (i < L)%nat ->
  partial (chain_loss L lambda) w i ((Prod w L - lambda) * Prod (put w i 1) L).
Proof. exact Lem3.chain_partial. Qed.
Print Assumptions pin_lem3_gradient.

(** Equal weights stay equal and follow the scalar map
    x - delta x^(L-1) (x^L - lambda). *)
Theorem pin_lem3_equal_weights : forall L lambda delta w x,
  descent (chain_loss L lambda) L delta w ->
  (forall i, (i < L)%nat -> w O i = x) ->
  forall k i, (i < L)%nat -> w k i = iter (chain_step L lambda delta) k x.
Proof. exact Lem3.chain_descent. Qed.
Print Assumptions pin_lem3_equal_weights.

(** Such runs exist, so the statements below are not vacuous. *)
Theorem pin_lem3_run_exists : forall L lambda delta x,
  descent (chain_loss L lambda) L delta (fun k _ => iter (chain_step L lambda delta) k x).
Proof. exact Lem3.chain_descent_exists. Qed.
Print Assumptions pin_lem3_run_exists.

(** The error is multiplied by mu at each step. *)
Theorem pin_lem3_factor : forall L lambda delta t x, t ^ L = lambda ->
  chain_step L lambda delta x - t = mu L t delta x * (x - t).
Proof. exact Lem3.step_factor. Qed.
Print Assumptions pin_lem3_factor.

(** 0 <= mu <= beta between 1 and lambda^(1/L). *)
Theorem pin_lem3_mu : forall L lambda delta x, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda ->
  1 <= x <= root L lambda \/ root L lambda <= x <= 1 ->
  0 <= mu L (root L lambda) delta x <= beta L lambda delta.
Proof. exact Lem3.lem3_mu. Qed.
Print Assumptions pin_lem3_mu.

Theorem pin_lem3_rate : forall L lambda delta, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda -> 0 <= beta L lambda delta < 1.
Proof. exact Lem3.lem3_rate. Qed.
Print Assumptions pin_lem3_rate.

Theorem pin_lem3_bound : forall L lambda delta w, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall k i, (i < L)%nat ->
    Rabs (w k i - root L lambda) <= beta L lambda delta ^ k * Rabs (1 - root L lambda).
Proof. exact Lem3.lem3_bound. Qed.
Print Assumptions pin_lem3_bound.

(** The same with delta_c, beta and lambda^(1/L) written out, for lambda > 1 ... *)
Theorem pin_lem3_bound_gt1 : forall L lambda delta w, (1 <= L)%nat -> 1 < lambda ->
  0 < delta <= 1 / (INR L * Rpower lambda (2 * (INR L - 1) / INR L)) ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall k i, (i < L)%nat ->
    Rabs (w k i - Rpower lambda (/ INR L))
    <= (1 - delta * ((lambda - 1) / (Rpower lambda (/ INR L) - 1))) ^ k
       * Rabs (1 - Rpower lambda (/ INR L)).
Proof. exact Lem3.lem3_bound_gt1. Qed.
Print Assumptions pin_lem3_bound_gt1.

(** ... and for lambda < 1. *)
Theorem pin_lem3_bound_lt1 : forall L lambda delta w, (1 <= L)%nat -> 0 < lambda < 1 ->
  0 < delta <= (1 - Rpower lambda (/ INR L)) / (1 - lambda) ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall k i, (i < L)%nat ->
    Rabs (w k i - Rpower lambda (/ INR L))
    <= (1 - delta * (INR L * Rpower lambda (2 * (INR L - 1) / INR L))) ^ k
       * Rabs (1 - Rpower lambda (/ INR L)).
Proof. exact Lem3.lem3_bound_lt1. Qed.
Print Assumptions pin_lem3_bound_lt1.

Theorem pin_lem3_converges : forall L lambda delta w, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) (root L lambda).
Proof. exact Lem3.lem3_converges. Qed.
Print Assumptions pin_lem3_converges.

(** The largest step size: twice delta_c for lambda >= 1.  From every start x > 0 whose first
    step stays positive the weights converge for delta up to the bound of Corollary 1 ... *)
Theorem pin_lem3_sharp : forall L lambda delta w, (2 <= L)%nat ->
  descent (chain_loss L lambda) L delta w ->
  forall x, 0 < lambda -> 0 < delta <= 2 / balanced_sharpness L lambda ->
  (forall i, (i < L)%nat -> w O i = x) -> 0 < x -> 0 < chain_step L lambda delta x ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) (root L lambda).
Proof. exact Sharp.sharp_converges. Qed.
Print Assumptions pin_lem3_sharp.

(** ... so from 1, if lambda >= 1 ... *)
Theorem pin_lem3_sharp_ge1 : forall L lambda delta w, (2 <= L)%nat ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  1 <= lambda -> 0 < delta <= 2 / balanced_sharpness L lambda ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) (root L lambda).
Proof. exact Sharp.sharp_ge1. Qed.
Print Assumptions pin_lem3_sharp_ge1.

(** ... and for lambda < 1 if also delta < 1/(1 - lambda) ... *)
Theorem pin_lem3_sharp_lt1 : forall L lambda delta w, (2 <= L)%nat ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  0 < lambda < 1 ->
  0 < delta <= 2 / balanced_sharpness L lambda -> delta < 1 / (1 - lambda) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) (root L lambda).
Proof. exact Sharp.sharp_lt1. Qed.
Print Assumptions pin_lem3_sharp_lt1.

(** ... where delta = 1/(1 - lambda) leads to 0. *)
Theorem pin_lem3_sharp_zero : forall L lambda delta w, (2 <= L)%nat ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  lambda < 1 -> delta = 1 / (1 - lambda) ->
  forall k i, (i < L)%nat -> w (S k) i = 0.
Proof. exact Sharp.sharp_lt1_zero. Qed.
Print Assumptions pin_lem3_sharp_zero.

(** ** Example 1: (2/3) |x|^(3/2) *)

Theorem pin_ex1_loss : forall x, x <> 0 ->
  ex1_loss x = 2 / 3 * Rpower (Rabs x) (3 / 2).
Proof. exact Ex1.ex1_loss_Rpower. Qed.
Print Assumptions pin_ex1_loss.

Theorem pin_ex1_minimum : forall x, x <> 0 -> ex1_loss 0 < ex1_loss x.
Proof. exact Further.ex1_minimum. Qed.
Print Assumptions pin_ex1_minimum.

(** The derivative, also at 0. *)
Theorem pin_ex1_gradient : forall x,
  derivable_pt_lim ex1_loss x (sgn x * sqrt (Rabs x)).
Proof. exact Ex1.ex1_gradient. Qed.
Print Assumptions pin_ex1_gradient.

(** The second derivative, positive away from 0. *)
Theorem pin_ex1_second : forall x, x <> 0 ->
  derivable_pt_lim (fun y => sgn y * sqrt (Rabs y)) x (/ (2 * sqrt (Rabs x))).
Proof. exact Further.ex1_second. Qed.
Print Assumptions pin_ex1_second.

Theorem pin_ex1_runs : forall delta x,
  descent1 ex1_loss delta x <-> forall k, x k = iter (ex1_step delta) k (x O).
Proof. exact Ex1.ex1_descent. Qed.
Print Assumptions pin_ex1_runs.

Theorem pin_ex1_equilibrium : forall delta x, 0 < delta ->
  (ex1_step delta x = x <-> x = 0).
Proof. exact Ex1.ex1_equilibrium. Qed.
Print Assumptions pin_ex1_equilibrium.

Theorem pin_ex1_orbit : forall delta, 0 < delta ->
  ex1_step delta (delta ^ 2 / 4) = - (delta ^ 2 / 4) /\
  ex1_step delta (- (delta ^ 2 / 4)) = delta ^ 2 / 4.
Proof. exact Ex1.ex1_orbit. Qed.
Print Assumptions pin_ex1_orbit.

(** Its multiplier is 0. *)
Theorem pin_ex1_superstable : forall delta x, 0 < delta -> Rabs x = delta ^ 2 / 4 ->
  derivable_pt_lim (ex1_step delta) x 0.
Proof. exact Further.ex1_superstable. Qed.
Print Assumptions pin_ex1_superstable.

(** x = delta^2 y removes delta. *)
Theorem pin_ex1_scaling : forall delta x k, 0 < delta ->
  iter (ex1_step delta) k x = delta ^ 2 * iter g k (x / delta ^ 2).
Proof. exact Ex1.ex1_scaling. Qed.
Print Assumptions pin_ex1_scaling.

(** |x|/delta^2 moves by r <- |r - sqrt r| ... *)
Theorem pin_ex1_observed : forall delta x, 0 < delta ->
  Rabs (ex1_step delta x) / delta ^ 2 = Rabs (Rabs x / delta ^ 2 - sqrt (Rabs x / delta ^ 2)).
Proof. exact Further.ex1_observed. Qed.
Print Assumptions pin_ex1_observed.

(** ... and below 1 the sign flips. *)
Theorem pin_ex1_flips : forall x, 0 < Rabs x < 1 -> g x * x < 0.
Proof. exact Further.ex1_flips. Qed.
Print Assumptions pin_ex1_flips.

(** Exactly the starts in delta^2 S reach 0. *)
Theorem pin_ex1_reaches_iff : forall delta x, 0 < delta -> descent1 ex1_loss delta x ->
  ((exists k, x k = 0) <-> inS (x O / delta ^ 2)).
Proof. exact Ex1.ex1_reaches_iff. Qed.
Print Assumptions pin_ex1_reaches_iff.

(** Exactly these starts converge to 0. *)
Theorem pin_ex1_limit_zero : forall delta x, 0 < delta -> descent1 ex1_loss delta x ->
  (Un_cv x 0 <-> inS (x O / delta ^ 2)).
Proof. exact Further.ex1_limit_zero. Qed.
Print Assumptions pin_ex1_limit_zero.

(** How S is made. *)
Theorem pin_ex1_recursion : forall r, 0 <= r ->
  ((1 + sqrt (1 + 4 * r)) / 2) ^ 2 - sqrt (((1 + sqrt (1 + 4 * r)) / 2) ^ 2) = r /\
  r + 1 <= ((1 + sqrt (1 + 4 * r)) / 2) ^ 2.
Proof. exact Further.ex1_recursion. Qed.
Print Assumptions pin_ex1_recursion.

Theorem pin_ex1_countable :
  exists e : nat -> R, forall y, inS y -> exists n, e n = y.
Proof. exact Ex1.S_countable. Qed.
Print Assumptions pin_ex1_countable.

(** Every other start converges to the orbit: the even and the odd iterates tend to
    delta^2/4 and -delta^2/4, or the other way round. *)
Theorem pin_ex1_converges : forall delta x, 0 < delta -> descent1 ex1_loss delta x ->
  ~ inS (x O / delta ^ 2) ->
  exists sigma, (sigma = 1 \/ sigma = -1) /\
    Un_cv (fun k => (-1) ^ k * x k) (sigma * (delta ^ 2 / 4)).
Proof. exact Ex1.ex1_converges. Qed.
Print Assumptions pin_ex1_converges.

(** The orbit is superstable. *)
Theorem pin_ex1_quadratic : forall y, Rabs y <= 1 ->
  0 <= / 4 - Rabs (g y) <= 4 * (/ 4 - Rabs y) ^ 2.
Proof. exact Further.ex1_quadratic. Qed.
Print Assumptions pin_ex1_quadratic.

(** ** Example 3: x^L, L even, L > 2 *)

Theorem pin_ex3_gradient : forall L x, (2 <= L)%nat ->
  derivable_pt_lim (fun y => y ^ L) x (INR L * x ^ (L - 2) * x).
Proof. exact Ex3.ex3_gradient. Qed.
Print Assumptions pin_ex3_gradient.

Theorem pin_ex3_runs : forall L delta x, (2 <= L)%nat ->
  (descent1 (fun y => y ^ L) delta x <-> forall k, x k = iter (ex3_step L delta) k (x O)).
Proof. exact Ex3.ex3_descent. Qed.
Print Assumptions pin_ex3_runs.

Theorem pin_ex3_converges : forall L delta, Nat.Even L -> (2 < L)%nat -> 0 < delta ->
  forall x, descent1 (fun y => y ^ L) delta x ->
  Rabs (x O) < ex3_threshold L delta -> Un_cv x 0.
Proof. exact Ex3.ex3_converges. Qed.
Print Assumptions pin_ex3_converges.

(** Inside, no geometric bound holds (unless the run hits 0 exactly). *)
Theorem pin_ex3_sublinear : forall L delta, Nat.Even L -> (2 < L)%nat -> 0 < delta ->
  forall x, descent1 (fun y => y ^ L) delta x ->
  Rabs (x O) < ex3_threshold L delta -> (forall k, x k <> 0) ->
  forall b C, 0 <= b < 1 -> exists k, C * b ^ k < Rabs (x k).
Proof. exact Ex3.ex3_sublinear. Qed.
Print Assumptions pin_ex3_sublinear.

(** In the strong sense: the ratio of successive iterates tends to 1. *)
Theorem pin_ex3_ratio : forall L delta, Nat.Even L -> (2 < L)%nat -> 0 < delta ->
  forall x, descent1 (fun y => y ^ L) delta x ->
  Rabs (x O) < ex3_threshold L delta -> (forall k, x k <> 0) ->
  Un_cv (fun k => x (S k) / x k) 1.
Proof. exact Further.ex3_ratio. Qed.
Print Assumptions pin_ex3_ratio.

Theorem pin_ex3_diverges : forall L delta, Nat.Even L -> (2 < L)%nat -> 0 < delta ->
  forall x, descent1 (fun y => y ^ L) delta x ->
  ex3_threshold L delta < Rabs (x O) -> cv_infty (fun k => Rabs (x k)).
Proof. exact Ex3.ex3_diverges. Qed.
Print Assumptions pin_ex3_diverges.

(** On the threshold: x_0, -x_0, x_0, ..., of period exactly 2. *)
Theorem pin_ex3_cycle : forall L delta, Nat.Even L -> (2 < L)%nat -> 0 < delta ->
  forall x, descent1 (fun y => y ^ L) delta x ->
  Rabs (x O) = ex3_threshold L delta ->
  x O <> 0 /\ forall k, x k = (-1) ^ k * x O.
Proof. exact Ex3.ex3_cycle. Qed.
Print Assumptions pin_ex3_cycle.

(** ** Corollaries 1 and 2, for the chain of scalar weights *)

(** Arithmetic and geometric mean, with its case of equality. *)
Theorem pin_cor1_amgm : forall a n, (1 <= n)%nat -> (forall i, (i < n)%nat -> 0 <= a i) ->
  Prod a n <= (Sum a n / INR n) ^ n /\
  (Prod a n = (Sum a n / INR n) ^ n <->
   forall i j, (i < n)%nat -> (j < n)%nat -> a i = a j).
Proof. exact Cor1.amgm. Qed.
Print Assumptions pin_cor1_amgm.

(** One more number. *)
Theorem pin_cor1_means_step : forall k m e p, 0 <= m -> 0 <= p -> p <= m ^ k ->
  0 <= m + (INR k + 1) * e ->
  p * (m + (INR k + 1) * e) <= (m + e) ^ (k + 1) /\ 0 <= m + e /\
  0 <= p * (m + (INR k + 1) * e).
Proof. exact Further.means_step. Qed.
Print Assumptions pin_cor1_means_step.

(** The Hessian of the chain loss at a minimum. *)
Theorem pin_cor1_hessian : forall L lambda w i j, lambda <> 0 -> Prod w L = lambda ->
  (i < L)%nat -> (j < L)%nat ->
  partial2 (chain_loss L lambda) w i j ((lambda / w i) * (lambda / w j)).
Proof. exact Cor1.chain_hessian. Qed.
Print Assumptions pin_cor1_hessian.

(** Its largest eigenvalue is lambda^2 (1/w_1^2 + ... + 1/w_L^2). *)
Theorem pin_cor1_sharpness : forall L lambda w, (1 <= L)%nat -> lambda <> 0 ->
  Prod w L = lambda ->
  sharpness (chain_loss L lambda) w L (lambda ^ 2 * Sum (fun i => / w i ^ 2) L).
Proof. exact Cor1.cor1_sharpness. Qed.
Print Assumptions pin_cor1_sharpness.

(** The stability threshold of any minimum is at most that of a balanced one. *)
Theorem pin_cor1_threshold : forall L lambda w, (1 <= L)%nat -> lambda <> 0 ->
  Prod w L = lambda ->
  2 / (lambda ^ 2 * Sum (fun i => / w i ^ 2) L) <= 2 / balanced_sharpness L (Rabs lambda).
Proof. exact Cor1.cor1_threshold. Qed.
Print Assumptions pin_cor1_threshold.

Theorem pin_cor1_equality : forall L lambda w, (1 <= L)%nat -> lambda <> 0 ->
  Prod w L = lambda ->
  (2 / (lambda ^ 2 * Sum (fun i => / w i ^ 2) L) = 2 / balanced_sharpness L (Rabs lambda) <->
   forall i j, (i < L)%nat -> (j < L)%nat -> Rabs (w i) = Rabs (w j)).
Proof. exact Cor1.cor1_equality. Qed.
Print Assumptions pin_cor1_equality.

(** Beyond the bound every minimum has a multiplier below -1. *)
Theorem pin_cor1_unstable : forall L lambda delta w, (1 <= L)%nat -> lambda <> 0 ->
  Prod w L = lambda -> 2 / balanced_sharpness L (Rabs lambda) < delta ->
  exists m, sharpness (chain_loss L lambda) w L m /\ 1 - delta * m < -1.
Proof. exact Cor1.cor1_unstable. Qed.
Print Assumptions pin_cor1_unstable.

(** The other way round: the bound of Corollary 1. *)
Theorem pin_cor1_step : forall L lambda delta m, (1 <= L)%nat -> 0 < delta ->
  balanced_sharpness L lambda <= m -> delta * m <= 2 ->
  delta <= 2 / balanced_sharpness L lambda.
Proof. exact Remarks.cor1_step. Qed.
Print Assumptions pin_cor1_step.

(** For matrices: p j, q j stand for the p_j, q_(j+1) of Theorem 1, whose product is at least rho
    (pin_thm1_pair in StatementsMatrix.v). *)
Theorem pin_cor1_sum : forall L rho delta (p q : nat -> R), (1 <= L)%nat -> 0 < rho -> 0 < delta ->
  p O = 1 -> q L = 1 -> (forall j, (1 <= j < L)%nat -> rho <= p j * q j) ->
  delta * Sum (fun j => p j ^ 2 * q (S j) ^ 2) L <= 2 ->
  delta <= 2 / balanced_sharpness L rho.
Proof. exact Further.cor1_sum. Qed.
Print Assumptions pin_cor1_sum.

(** Beyond the bound, a run from equal weights converges to lambda^(1/L) only if it lands on
    it exactly after finitely many steps. *)
Theorem pin_cor1_must_land : forall L lambda delta w x, (1 <= L)%nat -> 0 < lambda ->
  2 / balanced_sharpness L lambda < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = x) ->
  Un_cv (fun k => w k O) (root L lambda) ->
  exists k, forall i, (i < L)%nat -> w k i = root L lambda.
Proof. exact Cor1.cor1_must_land. Qed.
Print Assumptions pin_cor1_must_land.

(** At delta = 2, which the bound admits for L = 1, nothing converges. *)
Theorem pin_cor1_one_layer : forall lambda w,
  descent (chain_loss 1 lambda) 1 2 w ->
  (forall k, Rabs (w k O - lambda) = Rabs (w O O - lambda)) /\
  (Un_cv (fun k => w k O) lambda -> w O O = lambda).
Proof. exact Remarks.one_layer_at_two. Qed.
Print Assumptions pin_cor1_one_layer.

(** Corollary 2 is Corollary 1 solved for lambda. *)
Theorem pin_cor2_equivalent : forall L lambda delta, (2 <= L)%nat -> 0 < lambda -> 0 < delta ->
  (delta <= 2 / balanced_sharpness L lambda <->
   lambda <= Rpower (2 / (INR L * delta)) (INR L / (2 * INR L - 2))).
Proof. exact Cor1.cor2. Qed.
Print Assumptions pin_cor2_equivalent.

(** ** Lemma 4: w_1 = ... = w_L = 1 at the start, target lambda < 0 *)

Theorem pin_lem4_converges : forall L lambda delta w, lambda < 0 -> 0 < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  (2 <= L)%nat -> delta <= 1 / (1 - lambda) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) 0.
Proof. exact Lem4.lem4_converges. Qed.
Print Assumptions pin_lem4_converges.

(** The convergence is slower than any geometric sequence for L >= 3. *)
Theorem pin_lem4_sublinear : forall L lambda delta w, lambda < 0 -> 0 < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  (3 <= L)%nat -> delta < 1 / (1 - lambda) ->
  forall b C, 0 <= b < 1 -> forall i, (i < L)%nat -> exists k, C * b ^ k < Rabs (w k i).
Proof. exact Lem4.lem4_sublinear. Qed.
Print Assumptions pin_lem4_sublinear.

(** In the strong sense: the ratio of successive iterates tends to 1. *)
Theorem pin_lem4_ratio : forall L lambda delta w, lambda < 0 -> 0 < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  (3 <= L)%nat -> delta < 1 / (1 - lambda) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) 0 /\
    (forall k, 0 < w k i) /\ Un_cv (fun k => w (S k) i / w k i) 1.
Proof. exact Further.lem4_ratio. Qed.
Print Assumptions pin_lem4_ratio.

(** L = 1 refutes the lemma as printed: the limit is lambda, not 0. *)
Theorem pin_lem4_refuted_L1 : forall lambda delta w,
  lambda < 0 -> 0 < delta <= 1 / (1 - lambda) ->
  descent (chain_loss 1 lambda) 1 delta w -> w O O = 1 ->
  Un_cv (fun k => w k O) lambda /\ ~ Un_cv (fun k => w k O) 0.
Proof. exact Lem4.lem4_refuted_L1. Qed.
Print Assumptions pin_lem4_refuted_L1.

(** Its rate. *)
Theorem pin_lem4_one_layer : forall lambda delta w, lambda < 0 -> 0 < delta <= 1 / (1 - lambda) ->
  descent (chain_loss 1 lambda) 1 delta w -> w O O = 1 ->
  forall k, w k O - lambda = (1 - delta) ^ k * (1 - lambda) /\ 0 < 1 - delta < 1.
Proof. exact Further.lem4_one_layer. Qed.
Print Assumptions pin_lem4_one_layer.

(** For L = 2 the convergence is linear. *)
Theorem pin_lem4_two_layers : forall lambda delta w, lambda < 0 -> 0 < delta <= 1 / (1 - lambda) ->
  descent (chain_loss 2 lambda) 2 delta w -> (forall i, (i < 2)%nat -> w O i = 1) ->
  forall k i, (i < 2)%nat -> 0 <= w k i <= (1 + delta * lambda) ^ k.
Proof. exact Further.lem4_two_layers. Qed.
Print Assumptions pin_lem4_two_layers.

(** For even L the exact threshold is 2/(1 - lambda): below ... *)
Theorem pin_lem4_even_converges : forall L lambda delta w, lambda < 0 -> 0 < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  (2 <= L)%nat -> Nat.Even L -> delta < 2 / (1 - lambda) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) 0.
Proof. exact Lem4.lem4_even_converges. Qed.
Print Assumptions pin_lem4_even_converges.

(** ... at (the 2-cycle 1, -1) ... *)
Theorem pin_lem4_even_cycle : forall L lambda delta w, lambda < 0 ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  (2 <= L)%nat -> Nat.Even L -> delta = 2 / (1 - lambda) ->
  forall k i, (i < L)%nat -> w k i = (-1) ^ k.
Proof. exact Lem4.lem4_even_cycle. Qed.
Print Assumptions pin_lem4_even_cycle.

(** ... and above. *)
Theorem pin_lem4_even_diverges : forall L lambda delta w, lambda < 0 -> 0 < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  (2 <= L)%nat -> Nat.Even L -> 2 / (1 - lambda) < delta ->
  forall i, (i < L)%nat -> cv_infty (fun k => Rabs (w k i)).
Proof. exact Lem4.lem4_even_diverges. Qed.
Print Assumptions pin_lem4_even_diverges.

(** For odd L and lambda = - r^L the limit is -r for steps just beyond 1/(1 - lambda)
    (up to two bounds that leave room for every small r). *)
Theorem pin_lem4_odd_sharp : forall L lambda delta w, lambda < 0 -> 0 < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall r, (3 <= L)%nat -> Nat.Odd L -> 0 < r -> lambda = - r ^ L ->
  1 / (1 - lambda) < delta -> delta <= (1 + r) / (1 - lambda) ->
  delta <= 1 / (INR L * r ^ (2 * (L - 1))) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) (- r).
Proof. exact Lem4.lem4_odd_sharp. Qed.
Print Assumptions pin_lem4_odd_sharp.

(** For odd L the condition is not necessary: L = 3, lambda = -1, delta = 221/200. *)
Theorem pin_lem4_odd_reentry : 1 / (1 - -1) < 221 / 200 /\
  forall w, descent (chain_loss 3 (-1)) 3 (221 / 200) w ->
  (forall i, (i < 3)%nat -> w O i = 1) ->
  forall i, (i < 3)%nat -> Un_cv (fun k => w k i) 0.
Proof. exact Lem4.lem4_odd_reentry. Qed.
Print Assumptions pin_lem4_odd_reentry.

(** ** Theorem 2: each eigenvalue lambda of R moves as in Lemma 3; rho is the largest *)

(** Its step sizes are those of Lemma 3 for every positive eigenvalue ... *)
Theorem pin_thm2_admissible : forall L lambda rho delta, (1 <= L)%nat -> 0 < lambda <= rho ->
  delta <= 1 / INR L -> delta <= 1 / balanced_sharpness L rho -> delta <= delta_c L lambda.
Proof. exact Remarks.admissible. Qed.
Print Assumptions pin_thm2_admissible.

(** ... whose weights converge at a linear rate. *)
Theorem pin_thm2_eigenvalue : forall L lambda rho delta w, (1 <= L)%nat -> 0 < lambda <= rho ->
  0 < delta -> delta <= 1 / INR L -> delta <= 1 / balanced_sharpness L rho ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall k i, (i < L)%nat ->
    Rabs (w k i - root L lambda) <= beta L lambda delta ^ k * Rabs (1 - root L lambda) /\
    0 <= beta L lambda delta < 1.
Proof. exact Remarks.eigenvalue. Qed.
Print Assumptions pin_thm2_eigenvalue.

(** For the singular 1 x 1 matrix R = (0): *)


Theorem pin_thm2_singular_converges : forall L delta w, (2 <= L)%nat ->
  0 < delta <= 1 / INR L ->
  descent (chain_loss L 0) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) 0.
Proof. exact Thm2.thm2_singular_converges. Qed.
Print Assumptions pin_thm2_singular_converges.

(** The linear rate that Theorem 2 states does not hold. *)
Theorem pin_thm2_rate_refuted : forall L delta w, (2 <= L)%nat ->
  0 < delta <= 1 / INR L ->
  descent (chain_loss L 0) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall b C, 0 <= b < 1 -> forall i, (i < L)%nat -> exists k, C * b ^ k < Rabs (w k i).
Proof. exact Thm2.thm2_rate_refuted. Qed.
Print Assumptions pin_thm2_rate_refuted.

(** In the strong sense: the ratio of successive iterates tends to 1. *)
Theorem pin_thm2_ratio : forall L delta w, (2 <= L)%nat -> 0 < delta <= 1 / INR L ->
  descent (chain_loss L 0) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall i, (i < L)%nat -> (forall k, 0 < w k i) /\ Un_cv (fun k => w (S k) i / w k i) 1.
Proof. exact Further.thm2_ratio. Qed.
Print Assumptions pin_thm2_ratio.

(** ** Remarks 2 and 3 *)

(** The larger lambda, the smaller the bound of Corollary 1, for L >= 2 ... *)
Theorem pin_rem2_decreases : forall L lambda mu, (2 <= L)%nat -> 0 < lambda < mu ->
  2 / balanced_sharpness L mu < 2 / balanced_sharpness L lambda.
Proof. exact Remarks.bound_decreases. Qed.
Print Assumptions pin_rem2_decreases.

(** ... and for L = 1 it does not depend on lambda. *)
Theorem pin_rem2_one_layer : forall lambda, 0 < lambda -> balanced_sharpness 1 lambda = 1.
Proof. exact Remarks.bound_one_layer. Qed.
Print Assumptions pin_rem2_one_layer.

(** The bound of Corollary 1 and the step size of Theorem 2, for lambda >= 1 ... *)
Theorem pin_rem3_factor : forall L lambda, (1 <= L)%nat -> 1 <= lambda ->
  2 / balanced_sharpness L lambda = 2 * Rmin (1 / INR L) (1 / balanced_sharpness L lambda).
Proof. exact Remarks.factor_two. Qed.
Print Assumptions pin_rem3_factor.

(** ... and for lambda < 1, where the factor is larger. *)
Theorem pin_rem3_small : forall L lambda, (2 <= L)%nat -> 0 < lambda < 1 ->
  2 / balanced_sharpness L lambda =
    2 / root L lambda ^ (2 * (L - 1)) * Rmin (1 / INR L) (1 / balanced_sharpness L lambda) /\
  2 < 2 / root L lambda ^ (2 * (L - 1)).
Proof. exact Remarks.factor_small. Qed.
Print Assumptions pin_rem3_small.

(** Beyond the bound the scalar map repels at its limit. *)
Theorem pin_rem3_multiplier : forall L lambda delta, (1 <= L)%nat -> 0 < lambda ->
  derivable_pt_lim (chain_step L lambda delta) (root L lambda)
    (1 - delta * balanced_sharpness L lambda) /\
  (2 / balanced_sharpness L lambda < delta -> 1 - delta * balanced_sharpness L lambda < -1).
Proof. exact Remarks.multiplier. Qed.
Print Assumptions pin_rem3_multiplier.

(** ** Rescaling, and the gradient *)

(** Factors with product 1 send local minima of a loss of the product to local minima. *)
Theorem pin_inv_rescaled : forall (phi : R -> R) L w a, Prod a L = 1 ->
  local_min (fun w => phi (Prod w L)) L w ->
  local_min (fun w => phi (Prod w L)) L (fun i => a i * w i).
Proof. exact Remarks.rescaled. Qed.
Print Assumptions pin_inv_rescaled.

Theorem pin_inv_product : forall a w L, Prod (fun i => a i * w i) L = Prod a L * Prod w L.
Proof. exact Remarks.Prod_mult. Qed.
Print Assumptions pin_inv_product.

(** The gradient has no global Lipschitz constant for L >= 2 ... *)
Theorem pin_smooth : forall L lambda K a h, (2 <= L)%nat -> 0 < h -> K < a ^ (2 * (L - 1)) ->
  exists p q, partial (chain_loss L lambda) (put (fun _ => a) 0 h) 0 p /\
    partial (chain_loss L lambda) (put (fun _ => a) 0 0) 0 q /\ K * h < p - q.
Proof. exact Remarks.no_lipschitz. Qed.
Print Assumptions pin_smooth.

(** ... and the constant 1 for L = 1. *)
Theorem pin_smooth_one_layer : forall lambda w v p q,
  partial (chain_loss 1 lambda) w 0 p -> partial (chain_loss 1 lambda) v 0 q ->
  Rabs (p - q) = Rabs (w O - v O).
Proof. exact Remarks.lipschitz_one_layer. Qed.
Print Assumptions pin_smooth_one_layer.
